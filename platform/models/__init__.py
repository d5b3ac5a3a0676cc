"""Every table but the projections, one module per noun."""

from .attempts import Attempt
from .automations import AutomationClock, AutomationRun
from .base import Base, InWorkspace, defaults_of, id_at, keys_of, new_id, primary_keys_of, table_of
from .definitions import App, Form, FormVersion, Part, ProjectionColumn, ProjectionNumber, WorkflowVersion
from .people import ApiToken, Department, Member, MemberRole, Person, Role, Ticket, Workspace
from .processes import Delegation, Events, Process, ProcessMove, Task, Timer
from .records import Comment, Counter, Draft, Record, StoredFile, UniqueValue
from .work import AuditEntry, Job, Notification, OutboxMessage

__all__ = [
    "ApiToken",
    "App",
    "Attempt",
    "AuditEntry",
    "AutomationClock",
    "AutomationRun",
    "Base",
    "Comment",
    "Counter",
    "Delegation",
    "Department",
    "Draft",
    "Events",
    "Form",
    "FormVersion",
    "InWorkspace",
    "Job",
    "Member",
    "MemberRole",
    "Notification",
    "OutboxMessage",
    "Part",
    "Person",
    "Process",
    "ProcessMove",
    "ProjectionColumn",
    "ProjectionNumber",
    "Record",
    "Role",
    "StoredFile",
    "Task",
    "Ticket",
    "Timer",
    "UniqueValue",
    "WorkflowVersion",
    "Workspace",
    "defaults_of",
    "id_at",
    "keys_of",
    "new_id",
    "primary_keys_of",
    "table_of",
]  # fmt: skip
