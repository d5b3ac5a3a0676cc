"""Random valid workflow documents, of every step type and setting, for the tests that hold for all of them.

They are drawn from a seed and not by composed strategies, which prefer what is small: most processes would end before
anything can go wrong in them.
"""

from random import Random
from typing import Any

from hypothesis import strategies as st

Document = dict[str, Any]
MEMBERS = ["root", "wang", "li", "amy", "bob", "cat"]
LENGTHS = ["PT1H", "P1D", "P3D"]
ITEMS = [{"_row": "r1", "what": "pen", "buyer": "bob"}, {"_row": "r2", "what": "ink", "buyer": "cat"}]


def condition(rng: Random) -> Any:
    """A condition over the record."""
    return rng.choice(
        [
            {">=": [{"var": "amount"}, rng.randint(0, 4)]},
            {"==": [{"var": "kind"}, rng.choice("ab")]},
            {"var": "urgent"},
            True,
        ]
    )


def record(rng: Random) -> Document:
    """A record of the form of these tests."""
    fields: Document = {
        "amount": rng.randint(0, 5),
        "kind": rng.choice("abc"),
        "urgent": rng.random() < 0.5,
        "owner": rng.choice([*MEMBERS, "gone"]),
        "begins": rng.choice(["2025-12-01", "2026-01-06", "2026-02-01"]),
        "items": ITEMS,
    }
    return {key: value for key, value in fields.items() if rng.random() < 0.8}


def people(rng: Random, done: tuple[str, ...], *, choose: bool = False) -> list[Document]:
    """A list of people, some of whom may be nobody."""
    entries: list[Document] = []
    for _ in range(rng.choice([0, 1, 1, 1, 2, 2, 3])):
        kinds: list[Document] = [
            *({"member": rng.choice([*MEMBERS, "gone"])} for _ in range(5)),
            {"role": "finance"},
            {"role": "nobody"},
            {"initiator": True},
            {"field": "owner"},
            {"field": "items.buyer"},
            {"managerOf": {"initiator": True}, "upTo": 2},
            {"headOf": {"initiator": True}},
            *([{"chosenBy": "initiator", "from": [{"role": "hr"}]}] if choose else []),
            *([{"doer": rng.choice(done)}] if done else []),
        ]
        entry = rng.choice(kinds)
        entries.append({**entry, "when": condition(rng)} if rng.random() < 0.15 else entry)
    return entries


def steps(rng: Random, before: tuple[str, ...] = (), depth: int = 0, prefix: str = "s") -> list[Document]:
    """A list of steps; `before` are the ids that surely precede it."""
    made: list[Document] = []
    kinds = [approval, approval, approval, fill, notify, wait, action, subprocess]
    kinds += [branching, parallel, parallel] * 2 if depth < 2 else []
    for index in range(rng.randint(1, 5) if depth == 0 else rng.choice([0, 1, 1, 2, 2])):
        name = f"{prefix}{index}"
        kind = end if rng.random() < 0.03 else rng.choice(kinds)
        made.append({"id": name, **kind(rng, before, depth, name)})
        before = (*before, name)
    return made


def worked_on(rng: Random, before: tuple[str, ...]) -> Document:
    """What approval and fill have in common."""
    modes = ["any", "all", "all", "sequence", {"count": 1}, {"count": 2}, {"ratio": 0.5}, {"ratio": 1}]
    step: Document = {"assignees": people(rng, before, choose=True), "mode": rng.choice(modes)}
    step["whenEmpty"] = rng.choice(["admin", "skip", "block", {"member": "wang"}, {"role": "nobody"}])
    if rng.random() < 0.2:
        step["notDoers"] = [rng.choice(["initiator", *before])]
    return step


def approval(rng: Random, before: tuple[str, ...], depth: int, name: str) -> Document:
    """An approval with everything that it may have."""
    step = {"type": "approval", **worked_on(rng, before)}
    step["actions"] = ["approve", "reject", "return", "transfer", "addSigner"]
    step["onReject"] = rng.choice(["end", "initiator", *({"return": step} for step in before)])
    if rng.random() < 0.3:
        step["veto"] = rng.random() < 0.5
    if rng.random() < 0.3:
        then = rng.choice([{"decide": "approve"}, {"decide": "reject"}, {"escalate": {}}])
        reckoning = rng.choice(["calendar", "business"])
        step["due"] = {"after": rng.choice(LENGTHS), "calendar": reckoning, "remind": ["PT1H"], "then": then}
    return step


def fill(rng: Random, before: tuple[str, ...], depth: int, name: str) -> Document:
    """A fill step."""
    return {"type": "fill", **worked_on(rng, before), "fields": {"note": "edit"}}


def notify(rng: Random, before: tuple[str, ...], depth: int, name: str) -> Document:
    """A notice."""
    return {"type": "notify", "to": people(rng, before)}


def wait(rng: Random, before: tuple[str, ...], depth: int, name: str) -> Document:
    """A wait for anything."""
    if rng.random() < 0.4:
        return {"type": "wait", "for": rng.choice(LENGTHS), "calendar": rng.choice(["calendar", "business"])}
    until = rng.choice([{"field": "begins"}, {"when": {"var": "urgent"}}, {"changed": ["amount"]}])
    return {"type": "wait", "until": until, **({"atMost": "P9D"} if rng.random() < 0.5 else {})}


def action(rng: Random, before: tuple[str, ...], depth: int, name: str) -> Document:
    """An action, maybe with an error path."""
    do = rng.choice(
        [
            {"createRecord": {"form": "other", "set": {"x": {"var": "amount"}}}},
            {"updateRecord": {"set": {"note": {"var": "kind"}}}},
            {"webhook": {"url": "https://example.com"}},
            {"mail": {"to": [{"initiator": True}], "subject": "s", "text": "t"}},
        ]
    )
    step: Document = {"type": "action", "do": do}
    if rng.random() < 0.5:
        step["retry"] = {"times": rng.randint(1, 2), "after": "PT1M"}
    if rng.random() < 0.5:
        step["timeout"] = "PT1H"
    path = {"steps": steps(rng, before, depth + 1, f"{name}e")} if depth < 2 else "continue"
    step["onError"] = rng.choice(["block", "continue", path, path])
    return step


def subprocess(rng: Random, before: tuple[str, ...], depth: int, name: str) -> Document:
    """A subprocess, once or for each row."""
    step: Document = {"type": "subprocess", "form": "other", "set": {"x": {"var": "amount"}}}
    if rng.random() < 0.5:
        step |= {"each": "items", "set": {"x": {"row": "what"}}}
    step["await"] = rng.random() < 0.7
    step["onReject"] = rng.choice(["continue", "end", "initiator", *({"return": other} for other in before)])
    return step


def branching(rng: Random, before: tuple[str, ...], depth: int, name: str) -> Document:
    """A branch step with one to three branches, maybe without `otherwise`."""
    branches: list[Document] = [
        {"title": f"{i}", "when": condition(rng), "steps": steps(rng, before, depth + 1, f"{name}b{i}_")}
        for i in range(rng.randint(1, 3))
    ]
    if rng.random() < 0.5:
        del branches[-1]["when"]
        branches[-1]["otherwise"] = True
    return {"type": "branch", "mode": rng.choice(["exclusive", "inclusive"]), "branches": branches}


def parallel(rng: Random, before: tuple[str, ...], depth: int, name: str) -> Document:
    """A parallel step with any join, also one that cannot be met."""
    branches = [{"steps": steps(rng, before, depth + 1, f"{name}p{i}_")} for i in range(rng.randint(1, 3))]
    return {"type": "parallel", "join": rng.choice(["all", "all", "any", 1, 2, 4]), "branches": branches}


def end(rng: Random, before: tuple[str, ...], depth: int, name: str) -> Document:
    """An end."""
    return {"type": "end", "outcome": rng.choice(["approved", "rejected", "closed"])}


def workflow(rng: Random) -> Document:
    """A whole document."""
    settings = {
        "withdraw": rng.choice(["never", "untilFirstDecision", "anyTime"]),
        "repeatApprover": rng.choice(["each", "each", "skipConsecutive", "skipAny"]),
        "ownRequest": rng.choice(["decide", "goToManager", "skip"]),
        "resubmit": rng.choice(["fromStart", "fromReturningStep"]),
        "lock": rng.random() < 0.5,
    }
    return {"steps": steps(rng), "settings": settings}


seeds = st.integers(0, 2**32 - 1)
workflows = seeds.map(lambda seed: workflow(Random(seed)))
records = seeds.map(lambda seed: record(Random(seed)))
