"""How the cells of a workbook look: which numbers are percents, money or moments, and which cells hold an error.

python-calamine reads values fast, but neither number formats nor errors; these are read beside it, from the file
itself. So is how large each sheet is, before anything else: a file of 5 KB may place two cells so far apart that the room
between them takes more memory than there is.
"""

import io
import zipfile

from .ods import looks_of_ods
from .sheet_looks import BinaryWorkbook, SheetLooks, TooLarge, UnreadableXml
from .xlsx import looks_of_xlsx

__all__ = ["BinaryWorkbook", "SheetLooks", "TooLarge", "UnreadableXml", "looks_of"]


def looks_of(data: bytes) -> dict[str, SheetLooks]:
    """What is to be seen in each sheet of a workbook, by the sheet's name.

    Raises BinaryWorkbook, TooLarge, UnreadableXml, and whatever the readers of a damaged file raise (zipfile.BadZipFile, …).
    """
    if not data.startswith(b"PK"):
        from .xls import looks_of_xls  # xlrd, which few files need

        return looks_of_xls(data)
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return looks_of_ods(packed) if "content.xml" in packed.namelist() else looks_of_xlsx(packed)
