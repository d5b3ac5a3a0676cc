"""Who may have, and who may decide, a task: one place for the reasons against it.

Each function gives the refusal, or None where nothing speaks against it: a command raises it, an escalation passes over
whoever it names.
"""

from .run import Refusal, Run
from .state import Visit
from .tree import Step


def against_deciding(run: Run, step: Step, by: str) -> Refusal | None:
    """Why `by` may not decide at `step`: separation of duties."""
    not_doers = step.spec.not_doers
    if not not_doers or by not in run.barred(not_doers):
        return None
    steps = ", ".join("“" + title_of(run, other) + "”" for other in not_doers)
    return run.refuse("Whoever took part in {steps} may not do “{step}”.", steps=steps, step=title_of(run, step.id))


def against_own_request(run: Run, step: Step, by: str) -> Refusal | None:
    """Why `by` may not get at an approval of their own request by the back door, where `ownRequest` keeps them from it."""
    if by != run.draft.initiator or not step.type.decides or run.workflow.settings.own == "decide":
        return None
    return run.refuse("Whoever submitted the request may not decide it at “{step}”.", step=title_of(run, step.id))


def against_taking(run: Run, step: Step, visit: Visit, member: str) -> Refusal | None:
    """Why `member` may not be given a task of this visit."""
    directory = run.context.directory
    name = directory.name(member)
    if not directory.active(member):
        return run.refuse("{name} is no active member.", name=name)
    if any(member in seat.signers for seat in run.draft.seats(visit.number).seats):
        return run.refuse("{name} already takes part in “{step}”.", name=name, step=title_of(run, step.id))
    return against_deciding(run, step, member) or against_own_request(run, step, member)


def title_of(run: Run, step_id: str) -> str:
    """What the reader calls a step; the id of one that does not exist."""
    return run.workflow.title(step_id, run.context.lang) if step_id in run.workflow.steps else step_id
