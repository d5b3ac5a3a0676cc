"""What people write in a filter, as the ids that records hold: names of members, departments, and records that are linked to."""

from builders import MEMBER, TEXT, World, form, new_world

from formloom.form_engine.definition import load
from formloom.platform.runtime import Runtime
from formloom.platform.services import naming, people

SHOP = form("shop", {"name": TEXT}, title="{name}")
VISIT = form(
    "visit",
    {
        "who": MEMBER,
        "unit": {"type": "string", "x-field": {"type": "department"}},
        "shop": {"type": "string", "x-field": {"type": "link", "form": "shop"}},
        "note": TEXT,
    },
)


def test_names_become_ids(world: World) -> None:
    world.app(forms=[SHOP, VISIT])
    north, south = (world.add("shop", name=name) for name in ("North 北店 100%", "South 南店"))
    fields = load(VISIT).fields

    def ids(field: str, text: str, *, part: bool = False) -> list[str]:
        return naming.called(world.caller("amy"), fields[field], text, part=part)

    assert ids("who", "amy CHEN") == ids("who", "amy") == ids("who", people.member(world.admin, "amy").email) == ["amy"]
    assert ids("who", "芳", part=True) == ["wang"]
    assert ids("who", "芳") == ids("who", "") == []
    assert ids("unit", "north team") == ids("unit", "north", part=True) == ["north"]
    assert ids("shop", "south 南店") == ids("shop", south) == [south]
    assert set(ids("shop", "店", part=True)) == {south, north}
    assert ids("shop", "%", part=True) == [north]
    assert ids("shop", "North") == []
    assert ids("note", "North") == ["North"]


def test_a_record_of_another_workspace_is_called_nothing_here(runtime: Runtime) -> None:
    ours, theirs = new_world(runtime), new_world(runtime, name="Other")
    for world in (ours, theirs):
        world.app(forms=[SHOP, VISIT])
    secret = theirs.add("shop", name="Secret")
    field = load(VISIT).fields["shop"]
    assert naming.called(theirs.admin, field, "Secret") == [secret]
    assert naming.called(ours.admin, field, "Secret") == naming.called(ours.admin, field, secret) == []
