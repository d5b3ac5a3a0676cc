"""Files and drafts: nobody reaches what hangs on a record they don't see, and nothing typed is lost."""

from typing import Any

import pytest
from builders import MEMBER, TEXT, World, form

from formloom.form_engine.errors import RecordInvalid
from formloom.platform.errors import InputInvalid, NotFound
from formloom.platform.services import drafts, files, records

FILE = {"type": "string", "x-field": {"type": "file", "accept": [".pdf", "image/*"], "maxMegabytes": 1}}
FILES = {"type": "array", "items": {"type": "string"}, "x-field": {"type": "file"}}


@pytest.fixture
def papers(world: World) -> World:
    world.app(
        forms=[form("paper", {"name": TEXT, "reader": MEMBER, "scan": FILE, "more": FILES})],
        permissions={"paper": {"fields": {"more": {"see": ["own"]}}}},
    )
    return world


def _upload(world: World, by: str = "amy", field: str = "scan", name: str = "a.pdf") -> str:
    return files.upload(world.caller(by), "paper", field, name, b"content of " + name.encode()).id


def _read(world: World, by: str, ident: str) -> bytes:
    with files.download(world.caller(by), ident).content as content:
        return content.read()


def test_a_file_that_is_not_saved_yet_is_its_uploaders_only(papers: World) -> None:
    ident = _upload(papers)
    assert _read(papers, "amy", ident) == b"content of a.pdf"
    for other in ("bob", "root"):
        with pytest.raises(NotFound):
            files.download(papers.caller(other), ident)


def test_a_saved_file_is_for_whoever_sees_its_record_and_its_field(papers: World) -> None:
    scan, more = _upload(papers), _upload(papers, field="more", name="b.txt")
    papers.add("paper", scan=scan, more=[more], reader="bob")
    assert _read(papers, "bob", scan) == b"content of a.pdf"
    for by, ident in (("bob", more), ("li", scan)):
        with pytest.raises(NotFound):
            files.download(papers.caller(by), ident)
    assert _read(papers, "root", more) == b"content of b.txt"


def test_a_file_of_somebody_else_can_not_be_hung_on_a_record(papers: World) -> None:
    theirs = _upload(papers, by="li")
    mine = _upload(papers)
    papers.add("paper", scan=mine)
    for ident in (theirs, mine, "nothing"):
        with pytest.raises(RecordInvalid) as refused:
            papers.add("paper", scan=ident)
        assert [problem.pointer for problem in refused.value.errors] == ["/scan"]


def test_changing_a_record_keeps_the_files_that_it_has(papers: World) -> None:
    scan = _upload(papers)
    ident = papers.add("paper", scan=scan)
    records.update_record(papers.caller("amy"), "paper", ident, {"name": "x"}, version=1)
    assert records.record(papers.caller("amy"), "paper", ident).row.values["scan"] == scan


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.exe", b"x"), ("a.pdf", b""), ("a.pdf", b"x" * 1_000_001), ("a", b"x"), ("a.txt", b"x"), ("a.pdf.html", b"x")],
)
def test_a_file_that_is_not_taken_is_refused_in_a_sentence(papers: World, name: str, data: bytes) -> None:
    with pytest.raises(InputInvalid, match="“a"):
        files.upload(papers.caller("amy"), "paper", "scan", name, data)


def test_a_name_keeps_its_ending_and_loses_its_folders(papers: World) -> None:
    caller = papers.caller("amy")
    names = {
        "C:\\temp\\scan.PDF": "scan.PDF",
        "../../etc/passwd.pdf": "passwd.pdf",
        "合同 (1).pdf": "合同 (1).pdf",
        "a\x00b\n.pdf": "ab.pdf",
        "x" * 400 + ".pdf": "x" * 196 + ".pdf",
    }
    assert {name: files.upload(caller, "paper", "scan", name, b"x").name for name in names} == names


def test_uploads_that_nobody_saved_are_removed_after_a_day(papers: World) -> None:
    kept, lost = _upload(papers), _upload(papers)
    papers.add("paper", scan=kept)
    papers.clock.forward(hours=23)
    assert files.remove_unsaved(papers.runtime) == 0
    papers.clock.forward(hours=2)
    assert files.remove_unsaved(papers.runtime) == 1
    assert _read(papers, "amy", kept)
    with pytest.raises(NotFound):
        files.download(papers.caller("amy"), lost)


def test_a_draft_is_kept_as_typed_for_its_author_only(papers: World) -> None:
    typed: dict[str, Any] = {"name": " not yet ", "amount": "12,", "unknown": [1]}
    amy, bob = papers.caller("amy"), papers.caller("bob")
    drafts.save_draft(amy, "new:paper", "paper", typed)
    drafts.save_draft(amy, "new:paper", "paper", typed | {"name": "later"})
    found = drafts.draft(amy, "new:paper")
    assert found is not None
    assert found.typed == typed | {"name": "later"}
    assert drafts.draft(bob, "new:paper") is None
    assert [row.target for row in drafts.drafts(amy)] == ["new:paper"]
    records.create_record(amy, "paper", {"name": "x"}, submission_key="k")
    assert drafts.draft(amy, "new:paper") is None


def test_a_draft_that_is_too_deep_or_unkeepable_is_refused(papers: World) -> None:
    deep: Any = "x"
    for _ in range(100):
        deep = [deep]
    for typed in ({"a": deep}, {"a": "\0"}, {"a": "x" * 3_000_000}):
        with pytest.raises(RecordInvalid):
            drafts.save_draft(papers.caller("amy"), "new:paper", "paper", typed)
