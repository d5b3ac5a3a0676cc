"""The template library: one folder an app package, beside the programs. Data only; read once a process."""

from functools import cache
from pathlib import Path

from formloom.platform.packages.check import check_files
from formloom.platform.packages.files import read_folder
from formloom.platform.packages.package import Package, PackageProblem

FOLDER = Path(__file__).parent.parent.parent / "templates_library"


class LibraryBroken(RuntimeError):
    """A package that we ship has errors: a mistake of ours, which a test finds before anybody else does."""

    def __init__(self, key: str, problems: list[PackageProblem]) -> None:
        self.problems = problems
        super().__init__(f"{key}: " + "; ".join(f"{each.file}{each.pointer}: {each.message}" for each in problems))


def keys() -> list[str]:
    """The packages there are, in the order of their names."""
    return sorted(folder.name for folder in FOLDER.iterdir() if (folder / "app.json").is_file())


@cache
def package(key: str) -> Package:
    """One package of the library.

    Raises:
        KeyError: there is none of this key.
        LibraryBroken: it has errors.
    """
    if key not in keys():
        raise KeyError(key)
    found, problems = check_files(read_folder(FOLDER / key))
    if found is None:
        raise LibraryBroken(key, problems)
    return found
