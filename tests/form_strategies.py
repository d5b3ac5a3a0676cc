"""Random forms, built from the registry of field types, for property-based tests."""

from hypothesis import strategies as st

from formloom.form_engine import field_types

OPTIONS = [{"const": "a", "title": "Alpha"}, {"const": "b", "title": "Beta"}, {"const": "c"}]
TREE = [{"value": "cn", "title": "China", "children": [{"value": "hz"}, {"value": "bj"}]}, {"value": "sg"}]
ENTRIES = [{"value": "one"}, {"value": "two", "title": "Two"}]
SETTINGS = {
    "link": {"form": "customer"},
    "lookup": {"link": "to", "field": "name"},
    "rollup": {"form": "payment", "link": "contract", "aggregate": "count"},
    "computed": {"compute": {"+": [1, 2]}},
    "cascade": {"tree": TREE},
    "matrix": {"rows": ENTRIES, "columns": ENTRIES},
}
KEYWORDS = {
    "select": {"oneOf": OPTIONS},
    "multiselect": {"type": "array", "items": {"oneOf": OPTIONS}},
    "ranking": {"type": "array", "items": {"oneOf": OPTIONS}},
    "computed": {"type": "number"},
    "lookup": {"type": "string"},
    "rollup": {"type": "integer"},
}
KEYS = st.from_regex(r"\A[a-z][a-z0-9_]{0,8}\Z")
LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TITLES = st.text(LETTERS, max_size=12).map(lambda text: {"title": text} if text.strip() else {})
PLAIN_TYPES = sorted(entry.name for entry in field_types.all() if entry.name not in ("table", "group"))


@st.composite
def bounds(draw, name):
    """Keywords of JSON Schema that go with a type and leave something to enter."""
    match name:
        case "number" | "percent" | "money" | "slider":
            low = draw(st.integers(-1000, 1000))
            return draw(
                st.sampled_from(
                    [{}, {"minimum": low}, {"minimum": low, "maximum": low + 100}, {"exclusiveMinimum": low}]
                )
            )
        case "integer":
            return draw(st.sampled_from([{}, {"minimum": 3}, {"maximum": -3}, {"multipleOf": 7}]))
        case "text" | "paragraph" | "barcode":
            least = draw(st.integers(0, 40))
            return draw(st.sampled_from([{}, {"minLength": least}, {"minLength": least, "maxLength": least + 5}]))
        case "tags" | "multiselect":
            return draw(st.sampled_from([{}, {"minItems": 2}, {"maxItems": 1}]))
    return {}


@st.composite
def properties(draw, names=tuple(PLAIN_TYPES)):
    """One property of a random type."""
    name = draw(st.sampled_from(names))
    settings = {"type": name, **SETTINGS.get(name, {})}
    if name in ("member", "department", "link", "file", "image") and draw(st.booleans()):
        settings["multiple"] = True
    return {**draw(TITLES), **KEYWORDS.get(name, {}), **draw(bounds(name)), "x-field": settings}


def _typed(field):
    """Whether people fill the field in (a group or a row may consist of what fills itself)."""
    name = field["x-field"]["type"]
    return name not in ("group", "table") and not field_types.get(name).derived


@st.composite
def structures(draw):
    """A sub-table or a group of random columns."""
    columns = draw(st.dictionaries(KEYS, properties(), min_size=1, max_size=4))
    inner = {"type": "object", "properties": columns}
    if draw(st.booleans()):
        return inner | {"x-field": {"type": "group"}}
    return {"type": "array", "items": inner, "x-field": {"type": "table"}}


@st.composite
def forms(draw):
    """A whole form: fields, some of them required, in sections."""
    fields = draw(st.dictionaries(KEYS, st.one_of(properties(), properties(), structures()), min_size=1, max_size=8))
    required = [key for key, field in fields.items() if _typed(field) and draw(st.booleans())]
    placed = [key for key in fields if draw(st.booleans())]
    document = {"type": "object", "properties": fields, "required": required}
    document["x-form"] = {"layout": [{"section": "Some", "columns": 2, "fields": placed}]}
    return document
