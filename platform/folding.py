"""Text as it is compared and sorted, the same on both databases: they would differ in case, width and Chinese.

`fold` is for finding (equal, contains, starts), `sort_key` for order: Chinese by its pinyin, between the Latin letters.
Both are written into columns of their own and compared byte by byte.
"""

import re
import unicodedata
from functools import lru_cache

CHINESE = re.compile(r"[㐀-鿿豈-﫿\U00020000-\U0003134f]+")
SPACE = re.compile(r"\s+")
SORTED_BY = 160
"""Characters of a sort key; beyond them, records keep the order in which they were made."""


def fold(text: str) -> str:
    """`text` for comparing: one form for wide and narrow, upper and lower case, any white space."""
    if text.isascii():
        return SPACE.sub(" ", text.lower()).strip()
    return SPACE.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


def sort_key(folded: str) -> str:
    """What `folded` text is sorted by: itself, with Chinese as pinyin and tone (`wang2 fang1`)."""
    folded = folded[:SORTED_BY]
    if folded.isascii():
        return folded
    return CHINESE.sub(lambda run: f"{_pinyin(run.group())} ", folded).strip()[:SORTED_BY]


@lru_cache(maxsize=20_000)
def _pinyin(run: str) -> str:
    # Imported at the first Chinese text: its dictionaries cost every process 0.4 s and 55 MiB.
    from pypinyin import Style, lazy_pinyin

    return " ".join(lazy_pinyin(run, style=Style.TONE3, neutral_tone_with_five=True))
