"""Fetch the pinned packages of `web/static/vendor/manifest.json` from npm and make our files of them.

    python scripts/vendor.py            everything
    python scripts/vendor.py --icons    only the icons: after a template names a new one

Tabler is cut to the rules whose classes the manifest lists, and of its variables only those are kept that these rules
read; what it says with light-dark(), color-mix() or relative colours is left out, because our tokens say it. Icons
become one sprite of those that templates, modules and app packages name. Pages load nothing from elsewhere.
"""

import argparse
import hashlib
import json
import re
import subprocess
import sys
import tarfile
from pathlib import Path

from css import Block, parse, split, write

ROOT = Path(__file__).parent.parent
VENDOR = ROOT / "web" / "static" / "vendor"
CACHE = ROOT / ".cache" / "vendor"
NAMED_IN = (
    "web/templates/**/*.html",
    "web/static/**/*.js",
    "web/**/*.py",
    "form_engine/field_types/*.py",
    "templates_library/*/app.json",
)
NAMES = re.compile(r"""(?:\bicon\(\s*|\bicon=|"icon":\s*|\bicon:\s*|\bicon\s*=\s*)['"]([a-z0-9-]+)['"]""")
TOO_NEW = ("light-dark(", "color-mix(", "(from ", "oklch(")

Manifest = dict


def unpacked(name: str, version: str, integrity: str) -> Path:
    """The folder of an npm package at one version, fetched once; refuses one whose bytes are not the pinned ones."""
    folder = CACHE / f"{name.replace('/', '+')}@{version}"
    if not folder.exists():
        folder.mkdir(parents=True)
        packed = subprocess.run(  # noqa: S603 - names come from our own manifest
            ["npm", "pack", f"{name}@{version}", "--pack-destination", str(folder), "--json"],  # noqa: S607
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        answer = json.loads(packed.stdout)
        entry = answer[0] if isinstance(answer, list) else next(iter(answer.values()))
        archive = folder / Path(entry["filename"]).name
        digest = hashlib.sha256(archive.read_bytes()).hexdigest()
        if integrity and digest != integrity:
            raise SystemExit(f"{name} {version} is not what was pinned: sha256 is {digest}.")
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
    return folder / "package"


def cut(blocks: tuple[Block, ...], classes: frozenset[str]) -> tuple[Block, ...]:
    """The rules for elements with only these classes and no data attribute, without variables that nothing reads."""
    kept = _matching(blocks, classes)
    while (fewer := _without_unread(kept, set(re.findall(r"var\((--[\w-]+)", write(kept))))) != kept:
        kept = fewer
    return kept


def _matching(blocks: tuple[Block, ...], classes: frozenset[str]) -> tuple[Block, ...]:
    kept = []
    for block in blocks:
        if block.rules and not block.prelude.startswith("@keyframes"):
            kept.append(block.keep(rules=_matching(block.rules, classes)))
        elif not block.prelude.startswith("@"):
            selectors = [selector for selector in split(block.prelude, ",") if _can_match(selector, classes)]
            plain = tuple(pair for pair in block.declarations if not any(word in pair[1] for word in TOO_NEW))
            kept.append(Block(", ".join(selectors), plain if selectors else ()))
    return tuple(block for block in kept if block.declarations or block.rules)


def _can_match(selector: str, classes: frozenset[str]) -> bool:
    if "[data-" in selector:
        return False
    return set(re.findall(r"\.([A-Za-z_][\w-]*)", re.sub(r":not\([^)]*\)", "", selector))) <= classes


def _without_unread(blocks: tuple[Block, ...], read: set[str]) -> tuple[Block, ...]:
    kept = []
    for block in blocks:
        declarations = tuple(pair for pair in block.declarations if not pair[0].startswith("--") or pair[0] in read)
        kept.append(block.keep(declarations=declarations, rules=_without_unread(block.rules, read)))
    return tuple(block for block in kept if block.declarations or block.rules)


def named_icons(manifest: Manifest) -> list[str]:
    """Every icon that the sources name, and those the manifest adds (names that are only made at run time)."""
    names = set(manifest["icons"])
    for pattern in NAMED_IN:
        for file in ROOT.glob(pattern):
            if "vendor" not in file.parts:
                names |= set(NAMES.findall(file.read_text(encoding="utf-8")))
    return sorted(names)


def sprite(folder: Path, names: list[str]) -> str:
    """One SVG with a <symbol> for each outline icon; an icon that does not exist is an error that names it."""
    symbols = []
    for name in names:
        file = folder / "icons" / "outline" / f"{name}.svg"
        if not file.exists():
            print(f"there is no icon {name!r} in @tabler/icons", file=sys.stderr)  # noqa: T201 - this is a command
            continue
        drawing = re.sub(
            r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>', "", file.read_text(encoding="utf-8")
        )
        body = "".join(re.findall(r"<(?:path|circle|rect|line|polyline|ellipse)\b[^>]*/?>", drawing))
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{body}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def make_files(manifest: Manifest, folders: dict[str, Path]) -> None:
    """Copy the files that are taken whole, with the licence of each package beside them."""
    for entry in manifest["files"]:
        target = (VENDOR / entry["to"]).resolve()
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((folders[entry["package"]] / entry["from"]).read_bytes())
    texts = []
    for name, folder in folders.items():
        files = [file for file in sorted(folder.iterdir()) if file.name.upper().startswith("LICEN")]
        licence = files[0].read_text(encoding="utf-8") if files else manifest["packages"][name]["licence"]
        texts.append(f"{name} {manifest['packages'][name]['version']}\n\n{licence.strip()}\n")
    (VENDOR / "LICENSES.txt").write_text(("\n" + "-" * 80 + "\n\n").join(texts), encoding="utf-8")


def make_bundles(manifest: Manifest, folders: dict[str, Path]) -> None:
    """Join packages that come in many modules into one file each, with nothing but what its `exports` name."""
    for entry in manifest["bundles"]:
        lines = (
            f"export {{ {', '.join(names)} }} from {json.dumps(package)};"
            for package, names in entry["exports"].items()
        )
        subprocess.run(  # noqa: S603
            ["npx", "--yes", f"esbuild@{manifest['esbuild']}", "--bundle", "--format=esm", "--minify", "--legal-comments=none",  # noqa: S607
             *(f"--alias:{name}={folders[name]}" for name in entry["packages"]), f"--outfile={VENDOR / entry['to']}"],
            check=True, input="\n".join(lines), text=True, cwd=CACHE,
        )  # fmt: skip


def main() -> None:
    """Make the files of `web/static/vendor`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--icons", action="store_true", help="only the sprite of icons")
    only_icons = parser.parse_args().icons
    manifest = json.loads((VENDOR / "manifest.json").read_text(encoding="utf-8"))
    pinned = {name: entry for name, entry in manifest["packages"].items() if not only_icons or name == "@tabler/icons"}
    folders = {name: unpacked(name, entry["version"], entry["sha256"]) for name, entry in pinned.items()}
    (VENDOR / "icons.svg").write_text(sprite(folders["@tabler/icons"], named_icons(manifest)), encoding="utf-8")
    if not only_icons:
        source = (folders["@tabler/core"] / "dist" / "css" / "tabler.css").read_text(encoding="utf-8")
        rules = cut(parse(source), frozenset(manifest["tabler"]["classes"]))
        version = manifest["packages"]["@tabler/core"]["version"]
        note = f"/* @tabler/core {version}, cut by scripts/vendor.py. MIT, see LICENSES.txt. */\n"
        (VENDOR / "tabler.css").write_text(note + write(rules), encoding="utf-8")
        make_files(manifest, folders)
        make_bundles(manifest, folders)


if __name__ == "__main__":
    main()
