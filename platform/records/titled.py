"""Which records of a form are called so: found by the index over titles, not by looking through all records."""

from sqlalchemy import select

from formloom.platform.definitions import published_in
from formloom.platform.folding import fold, sort_key
from formloom.platform.models import Record
from formloom.platform.projections import tables
from formloom.platform.runtime import Caller
from formloom.platform.transactions import WorkspaceSession

MOST = 500
"""Records of one title, or with titles of one sound: their sort key is what is indexed, and 王 sorts as 汪 does."""


def titled_in(db: WorkspaceSession, caller: Caller, form_key: str, text: str) -> list[Record]:
    """The records called `text` (whatever its case and width), those in the bin too, the newest first; or the one of this id.

    Raises:
        NotFound: there is no such form.
    """
    wanted, of_form = fold(text), select(Record).where(Record.form_key == form_key)
    layout = tables.layout_in(db, caller.runtime.database, published_in(db, caller, form_key))
    found = list(db.scalars(of_form.where(Record.id == text)))
    if layout is None or not wanted:
        return found
    main = layout.main.c
    like_it = select(main.id).where(main.workspace_id == db.workspace_id, main.title_s == sort_key(wanted))
    named = db.scalars(of_form.where(Record.id.in_(like_it)).order_by(Record.id.desc()).limit(MOST))
    return found + [record for record in named if fold(record.title) == wanted and record.id != text]
