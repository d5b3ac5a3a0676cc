"""What crosses the API, described once for reading, writing and the OpenAPI document."""

from marshmallow import Schema, fields, validate

MOST = 200


class Strict(Schema):
    """Keys in the order of the class; a key that is not known is an error."""


class ProblemItem(Strict):
    """One thing that is wrong, and where: a JSON Pointer into what was sent or into the record."""

    pointer = fields.String(metadata={"example": "/amount"})
    message = fields.String(metadata={"example": "Amount must be at most 5,000.00."})


class ProblemDocument(Strict):
    """A problem (RFC 9457)."""

    type = fields.Url()
    title = fields.String()
    status = fields.Integer()
    detail = fields.String()
    instance = fields.String()
    request_id = fields.String()
    errors = fields.List(fields.Nested(ProblemItem))


class PageQuery(Strict):
    """Which page of a list: `after` is the `after` of the page before."""

    after = fields.String(load_default=None, metadata={"description": "The `after` of the page before."})
    limit = fields.Integer(load_default=50, validate=validate.Range(1, MOST))


class WorkspaceOut(Strict):
    """A workspace that the caller is in."""

    id = fields.Integer(attribute="workspace_id")
    name = fields.String()
    member_id = fields.String(metadata={"description": "The caller there."})


class AppFormOut(Strict):
    """A form in the menu of an app."""

    key = fields.String()
    title = fields.String()
    may_add = fields.Boolean()
    has_workflow = fields.Boolean()


class AppOut(Strict):
    """An app that the caller can open."""

    key = fields.String()
    name = fields.String()
    description = fields.String()
    icon = fields.String()
    accent = fields.String()
    forms = fields.List(fields.Nested(AppFormOut))


class FormOut(Strict):
    """A form as it is published now. `version` and `workflow_version` are those of its definitions."""

    key = fields.String()
    app = fields.String()
    title = fields.String()
    version = fields.Integer()
    workflow_version = fields.Integer(allow_none=True)
    may_add = fields.Boolean()


class RecordOut(Strict):
    """A record. `values` are those that the caller sees; a blank is a missing key."""

    id = fields.String()
    title = fields.String()
    version = fields.Integer(metadata={"description": "Send it back with a change."})
    status = fields.String(
        allow_none=True,
        metadata={"description": "draft, running, approved, rejected, withdrawn, terminated; null without a workflow."},
    )
    values = fields.Dict(keys=fields.String())
    created_at = fields.AwareDateTime()
    created_by = fields.String(allow_none=True)
    updated_at = fields.AwareDateTime()
    updated_by = fields.String(allow_none=True)


class RecordPage(Strict):
    """Records, and what to ask for the next ones with (null at the end)."""

    items = fields.List(fields.Nested(RecordOut), attribute="rows")
    after = fields.String(allow_none=True)


class RecordQuery(PageQuery):
    """Which records, in which order."""

    text = fields.String(load_default="", metadata={"description": "Words to be found anywhere in the record."})
    filter = fields.List(
        fields.String(),
        load_default=list,
        metadata={
            "description": "`field:operator:value`, may be repeated. Operators: eq ne lt le gt ge contains starts in between "
            "empty notEmpty; several values are divided by `|`.",
            "example": ["amount:ge:5000", "status:in:running|approved"],
        },
    )
    sort = fields.String(
        load_default="", metadata={"description": "Fields, divided by commas; `-` before one turns it round."}
    )


class RecordIn(Strict):
    """A record to be created."""

    values = fields.Dict(keys=fields.String(), required=True)
    submission_key = fields.String(
        load_default=None,
        validate=validate.Length(1, 64),
        metadata={"description": "Chosen by you. The same key twice makes one record."},
    )
    confirmed = fields.Boolean(load_default=False, metadata={"description": "The form's warnings were read."})


class RecordChange(Strict):
    """A change of a record: only the fields that change; null empties one."""

    values = fields.Dict(keys=fields.String(), required=True)
    version = fields.Integer(required=True, metadata={"description": "The version that the change was made on."})
    confirmed = fields.Boolean(load_default=False)


class SavedOut(Strict):
    """A record that was saved."""

    id = fields.String()
    version = fields.Integer()
    process_id = fields.String(allow_none=True, metadata={"description": "The request that began with it."})


class FactOut(Strict):
    """One telling value of a record, as text."""

    field = fields.String()
    label = fields.String()
    text = fields.String()


class TaskOut(Strict):
    """Something that waits for the caller. `id` is null for a request that came back to them."""

    id = fields.String(attribute="task_id", allow_none=True)
    kind = fields.String(metadata={"description": "approval, fill, or returned."})
    step = fields.String()
    title = fields.String()
    form = fields.String(attribute="form_key")
    record_id = fields.String()
    process_id = fields.String()
    initiator_id = fields.String()
    initiator = fields.String()
    opened_at = fields.AwareDateTime(attribute="at")
    due_at = fields.AwareDateTime(allow_none=True)
    urged = fields.Boolean()
    facts = fields.List(fields.Nested(FactOut))


class TaskPage(Strict):
    """Tasks, and what to ask for the next ones with (null at the end)."""

    items = fields.List(fields.Nested(TaskOut), attribute="rows")
    after = fields.String(allow_none=True)


class TaskQuery(PageQuery):
    """Which tasks."""

    form = fields.String(load_default=None)
    only = fields.String(load_default="", validate=validate.OneOf(["", "overdue", "urged"]))
    text = fields.String(load_default="")


class TargetOut(Strict):
    """Where a request may be returned to: a step, or `initiator`."""

    step = fields.String()
    title = fields.String(allow_none=True)


class TaskDetail(Strict):
    """A task of the caller, with what they may do and the hash of what they decide on."""

    id = fields.String()
    step = fields.String()
    title = fields.String()
    form = fields.String()
    record_id = fields.String()
    process_id = fields.String()
    actions = fields.List(fields.String())
    targets = fields.List(fields.Nested(TargetOut))
    fields_ = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        data_key="fields",
        metadata={"description": "By field: hidden, read, edit or required; `*` names all others."},
    )
    content_hash = fields.String(metadata={"description": "Send it back with the decision."})


class DecisionIn(Strict):
    """A decision. `target` goes with return, `values` with what the step lets one fill in."""

    action = fields.String(required=True, validate=validate.OneOf(["approve", "reject", "return", "done"]))
    comment = fields.String(load_default=None, validate=validate.Length(max=4000), allow_none=True)
    target = fields.String(load_default=None, allow_none=True)
    values = fields.Dict(keys=fields.String(), load_default=None, allow_none=True)
    content_hash = fields.String(load_default=None, allow_none=True)
    confirmed = fields.Boolean(load_default=False)


class RequestOut(Strict):
    """Where a request stands."""

    process_id = fields.String()
    record_id = fields.String()
    form = fields.String(attribute="form_key")
    title = fields.String()
    status = fields.String(metadata={"description": "running, returned, or how it ended."})
    initiator_id = fields.String()
    started_at = fields.AwareDateTime()
    ended_at = fields.AwareDateTime(allow_none=True)
    waiting_for = fields.List(fields.String())
