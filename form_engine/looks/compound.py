"""Whether the sectors of an old Office file make sense: xlrd follows them for ever where they go in a circle.

Source: [MS-CFB], 2.2 (header), 2.3 (FAT), 2.4 (mini FAT), 2.5 (DIFAT).
"""

import struct
from collections.abc import Sequence

HEADER = 512
IN_HEADER = 109
"""Sectors of the FAT that the header names itself."""
SHIFTS = range(7, 21)


def require_sound(data: bytes) -> None:
    """Raises ValueError for a compound file whose chains of sectors go in a circle, or whose header is cut off."""
    if len(data) < HEADER:
        raise ValueError("the file is cut off")
    (shift,) = struct.unpack_from("<H", data, 30)
    small, _, more = struct.unpack_from("<iii", data, 60)
    if shift not in SHIFTS:
        raise ValueError(f"sectors of 2^{shift} bytes")
    sectors = _Sectors(data, shift)
    named = list(struct.unpack_from(f"<{IN_HEADER}i", data, 76))
    seen: set[int] = set()
    while more >= 0 and more not in seen and sectors.holds(more):
        seen.add(more)
        *further, more = sectors.numbers(more)
        named += further
    table = [number for sector in named if sector >= 0 and sectors.holds(sector) for number in sectors.numbers(sector)]
    _require_ends(table)
    chain: list[int] = []
    at = small
    while 0 <= at < len(table) and sectors.holds(at):
        chain += sectors.numbers(at)
        at = table[at]
    _require_ends(chain)


class _Sectors:
    def __init__(self, data: bytes, shift: int) -> None:
        self.data = data
        self.size = 1 << shift

    def holds(self, sector: int) -> bool:
        """Whether the file is long enough for a sector."""
        return HEADER + (sector + 1) * self.size <= len(self.data)

    def numbers(self, sector: int) -> tuple[int, ...]:
        """The numbers in a sector."""
        return struct.unpack_from(f"<{self.size // 4}i", self.data, HEADER + sector * self.size)


def _require_ends(following: Sequence[int]) -> None:
    """Every chain ends: no sector is reached again from itself. Raises ValueError."""
    walk = [-1] * len(following)
    for start in range(len(following)):
        at = start
        while 0 <= at < len(following) and walk[at] < 0:
            walk[at] = start
            at = following[at]
            if 0 <= at < len(following) and walk[at] == start:
                raise ValueError("its sectors go in a circle")
