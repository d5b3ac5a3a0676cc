"""The step types. This registry is their only list: a new type is a module here, its keywords in the meta-schema, a test."""

from .action import Action
from .approval import Approval
from .base import StepType
from .branch import BranchStep
from .end import End
from .fill import Fill
from .notify import Notify
from .parallel import Parallel
from .subprocess import Subprocess
from .wait import Wait

_ALL = (Approval(), Fill(), Notify(), BranchStep(), Parallel(), Action(), Wait(), Subprocess(), End())

TYPES: dict[str, StepType] = {kind.name: kind for kind in _ALL}
"""Every step type by the word that stands in a definition."""

__all__ = ["TYPES", "StepType"]
