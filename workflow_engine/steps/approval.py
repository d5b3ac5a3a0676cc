"""`approval`: people say yes or no, send back, pass on or ask others to sign."""

from ..run import Run
from .people import PeopleStep


class Approval(PeopleStep):
    """An approval step."""

    name = "approval"
    decides = True
    form = "approval"
    yes = "approve"
    result = "approved"
    default_actions = ("approve", "reject", "return")
    deadline = ("approve", "reject")

    def own_request(self, run: Run, members: tuple[str, ...]) -> tuple[str, ...]:
        """With `goToManager` the initiator's manager stands in for them; nobody does if they have none."""
        initiator = run.draft.initiator
        if run.workflow.settings.own != "goToManager" or initiator not in members:
            return members
        manager = run.context.directory.manager(initiator)
        instead = (manager if member == initiator else member for member in members)
        return tuple(dict.fromkeys(member for member in instead if member is not None))

    def counted(self, run: Run, members: tuple[str, ...]) -> tuple[str, ...]:
        """Who approved before in this round, and the initiator, as the settings say."""
        settings = run.workflow.settings
        if settings.repeat == "each" and settings.own != "skip":
            return ()
        counted: set[str] = set()
        if settings.repeat == "skipConsecutive":
            counted.update(run.draft.approved_last)
        elif settings.repeat == "skipAny":
            counted.update(run.draft.approved)
        if settings.own == "skip":
            counted.add(run.draft.initiator)
        return tuple(member for member in members if member in counted)
