"""The names that export and import share: namespaces, and which element stands for which step type."""

import re
from typing import Final
from xml.etree import ElementTree

BPMN: Final = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI: Final = "http://www.omg.org/spec/BPMN/20100524/DI"
DC: Final = "http://www.omg.org/spec/DD/20100524/DC"
DI: Final = "http://www.omg.org/spec/DD/20100524/DI"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
FORMLOOM: Final = "https://formloom.dev/schema/bpmn/v1"

for _prefix, _uri in {"bpmn": BPMN, "bpmndi": BPMNDI, "dc": DC, "di": DI, "xsi": XSI, "formloom": FORMLOOM}.items():
    ElementTree.register_namespace(_prefix, _uri)

ELEMENT_OF_STEP: Final = {
    "approval": "userTask",
    "fill": "userTask",
    "notify": "sendTask",
    "action": "serviceTask",
    "wait": "intermediateCatchEvent",
    "subprocess": "callActivity",
    "end": "endEvent",
}


def tag(name: str, namespace: str = BPMN) -> str:
    """The qualified name of an element or attribute, as ElementTree writes it."""
    return f"{{{namespace}}}{name}"


def local(element: ElementTree.Element) -> str:
    """An element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def key_from(name: str, taken: set[str], fallback: str) -> str:
    """A key for `name` (meaning.md section 1: `^[a-z][a-z0-9_]{0,39}$`) that is not in `taken`, and is put there."""
    word = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:36]
    base = word if re.match(r"[a-z]", word) else fallback
    key, number = base, 1
    while key in taken:
        number += 1
        key = f"{base}_{number}"
    taken.add(key)
    return key
