"""`fill`: people edit fields; nobody decides."""

from .people import PeopleStep


class Fill(PeopleStep):
    """A fill step."""

    name = "fill"
    form = "fill"
    yes = "done"
    result = "done"
    always = "done"
    default_actions = ("done",)
    deadline = ("done",)
