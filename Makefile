# make run    start the product, with a sample workspace (PORT=9000 make run: on another port)
# make test   run every test on real services
# make lint   formatting, types, the rule of imports
# make bench  measure, beside a yardstick in the same run

PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
JOBS ?= 2

.PHONY: run test lint bench services browser

run: $(VENV)/run.stamp
	@exec $(BIN)/formloom serve --demo --port $(PORT)

# In the order of the folders: long modules (browser, killed workers) come first, so that none is left to one process at the end.
test: $(VENV)/test.stamp services browser
	@$(BIN)/pytest -n $(JOBS) --dist loadscope --no-loadscope-reorder $(ARGS)

lint: $(VENV)/test.stamp
	@mkdir -p .cache/ns && ln -sfn ../.. .cache/ns/formloom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	MYPYPATH=.cache/ns $(BIN)/mypy
	PYTHONPATH=.cache/ns $(BIN)/lint-imports

bench: $(VENV)/bench.stamp services browser
	@$(BIN)/formloom bench $(ARGS)

# A stamp is newer than pyproject.toml once what that file asks for is installed, so that a second start installs nothing.
$(VENV)/run.stamp: pyproject.toml setup.py | $(BIN)/python
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/test.stamp: pyproject.toml setup.py | $(BIN)/python
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@ $(VENV)/run.stamp

$(VENV)/bench.stamp: pyproject.toml setup.py | $(BIN)/python
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@touch $@ $(VENV)/run.stamp

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Formloom needs Python 3.11 or later as $(PYTHON). Install it, or name another: make PYTHON=python3.12 run"; exit 2; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "A virtual environment can't be made. On Debian and Ubuntu: apt-get install python3-venv"; exit 2; }

services:
	@sh tests/services.sh

browser: $(VENV)/test.stamp
	@sh tests/browser.sh $(BIN)
