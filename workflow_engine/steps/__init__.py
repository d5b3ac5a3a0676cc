"""The step types. This registry is their only list: a new type is a module here, its keywords in the meta-schema, a test."""

from .approval import Approval
from .base import StepType
from .branch import BranchStep
from .end import End
from .fill import Fill
from .notify import Notify
from .parallel import Parallel

TYPES: dict[str, StepType] = {
    type_.name: type_
    for type_ in (Approval(), Fill(), Notify(), BranchStep(), Parallel(), End())
}
"""Every step type by the word that stands in a definition."""

__all__ = ["TYPES", "StepType"]
