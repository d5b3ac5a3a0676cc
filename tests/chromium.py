"""Which browser the tests and the bench drive."""

import os
import shutil

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""As in browser.sh."""


def chromium() -> str | None:
    """CHROMIUM, else one on the path, else (None) the one that playwright has installed.

    The shell is the same engine without the parts around it that are never seen here: it takes half as much processor.
    """
    named = os.environ.get("CHROMIUM")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)
