"""The wheel holds what git holds, and starts in a fresh environment."""

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
from structure.test_imports import PARTS, ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel built from the files that git knows, not from whatever lies about."""
    source = tmp_path_factory.mktemp("source")
    names = (
        subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    )
    for name in filter(None, names):
        if (ROOT / name).is_file():
            target = source / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((ROOT / name).read_bytes())
    output = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(output), str(source)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return next(output.glob("*.whl"))


def test_it_holds_every_file_of_the_parts(wheel: Path) -> None:
    tracked = subprocess.run(
        ["git", "ls-files", *PARTS], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    wanted = {f"formloom/{name}" for name in tracked if name and (ROOT / name).is_file()}
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if name.startswith("formloom/")}
    assert held == wanted


def test_it_answers_in_a_fresh_environment(wheel: Path, tmp_path: Path) -> None:
    """The dependencies are lent by this environment; Formloom itself comes from the wheel alone."""
    venv.create(tmp_path / "env", with_pip=False)
    python = tmp_path / "env" / "bin" / "python"
    site = next((tmp_path / "env" / "lib").glob("python*")) / "site-packages"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    borrowed = [path for path in sys.path if path.endswith("site-packages")]
    start = f"import sys; sys.meta_path[:] = [f for f in sys.meta_path if 'editable' not in repr(f)]; sys.path += {borrowed!r}; from formloom.platform.cli import main; main()"
    form = "form_engine"
    assert (site / "formloom" / form).is_dir()
    answer = subprocess.run([str(python), "-c", start, "apps", "check", str(site / "formloom" / "templates_library" / "rewards")],
                            cwd=tmp_path, capture_output=True, text=True, check=False)  # fmt: skip
    assert answer.returncode == 0, answer.stdout + answer.stderr
