#!/bin/sh
# Sees that there is a Chromium for the browser tests, with Chinese fonts: the one that is here, or one that is installed now.
# Debian's headless shell does what its whole Chromium does for half the processor time, so it is the one to install.
set -eu
bin=$1

for name in chromium-headless-shell chromium chromium-browser google-chrome google-chrome-stable; do
    if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
if "$bin/python" - <<'PYTHON'
import pathlib, sys
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    sys.exit(not pathlib.Path(playwright.chromium.executable_path).exists())
PYTHON
then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Chromium …"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq chromium-headless-shell fonts-noto-cjk >/dev/null || apt-get install -y -qq chromium fonts-noto-cjk >/dev/null
else
    "$bin/playwright" install chromium
fi
