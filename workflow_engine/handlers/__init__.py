"""What each command does: one function a command, grouped by who may give it. `engine.apply` calls them by this table.

A handler checks that the command is allowed now, raising `Refusal`, and lets events happen; the walk that follows is
`Run.proceed`'s.
"""

from collections.abc import Callable
from typing import Any

from .. import commands as c
from ..run import Run
from . import admin, holder, initiator, system

HANDLERS: dict[type[c.Command], Callable[[Run, Any], None]] = {
    c.Start: initiator.start,
    c.Withdraw: initiator.withdraw,
    c.Resubmit: initiator.resubmit,
    c.Urge: initiator.urge,
    c.Comment: initiator.comment,
    c.Decide: holder.decide,
    c.Transfer: holder.transfer,
    c.AddSigner: holder.add_signer,
    c.Reassign: admin.reassign,
    c.Jump: admin.jump,
    c.Terminate: admin.terminate,
    c.Retry: admin.retry,
    c.Correct: admin.correct,
    c.TimerFired: system.timer_fired,
    c.ActionAnswered: system.action_answered,
}
"""Every command and its handler."""

__all__ = ["HANDLERS"]
