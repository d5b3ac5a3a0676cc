#!/bin/sh
# Sees that there is a Chromium for the browser tests, with Chinese fonts: the one that is here, or one that is installed now.
# The headless shell comes first, also beside a whole Chromium: it does the same for half the processor time.
set -eu
bin=$1

may_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; }

# Without a network this gives up soon: a whole Chromium that is here will do.
install() {
    echo "Installing $1 …"
    get="apt-get -qq -o Acquire::Retries=0 -o Acquire::http::Timeout=10 -o Acquire::https::Timeout=10"
    export DEBIAN_FRONTEND=noninteractive
    $get install -y "$@" >/dev/null 2>&1 || { $get update && $get install -y "$@" >/dev/null; }
}

if command -v chromium-headless-shell >/dev/null 2>&1; then exit 0; fi
if may_install && install chromium-headless-shell fonts-noto-cjk; then exit 0; fi
for name in chromium chromium-browser google-chrome google-chrome-stable; do
    if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
if "$bin/python" - <<'PYTHON'
import pathlib, sys
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    sys.exit(not pathlib.Path(playwright.chromium.executable_path).exists())
PYTHON
then exit 0; fi
if may_install; then install chromium fonts-noto-cjk; else "$bin/playwright" install chromium; fi
