"""The yardstick of the services bench: two human steps and an exclusive choice in Viewflow, on Django's own ORM.

Run by itself, `python -m bench.viewflow_process DATABASE_URL INSTANCES`, because Django is configured once a process; it
prints JSON: the instances a second and the SQL statements an instance. What a page would do around it (templates,
forms, sessions) is left out, as it is on our side. The lock is Viewflow's default, which costs no statement.
"""

import gc
import json
import sys
import time
from types import SimpleNamespace
from typing import Any

import django
from django.conf import settings
from sqlalchemy.engine import make_url


def configure(url: str) -> None:
    """Django with Viewflow on this database, on SQLite with the same journal as ours."""
    place = make_url(url)
    if place.get_backend_name() == "sqlite":
        start = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON"
        database: dict[str, Any] = {"ENGINE": "django.db.backends.sqlite3", "NAME": place.database}
        database["OPTIONS"] = {"init_command": start, "transaction_mode": "IMMEDIATE"}
    else:
        database = {"ENGINE": "django.db.backends.postgresql", "NAME": place.database, "USER": place.username}
        database |= {"HOST": place.host, "PORT": place.port, "PASSWORD": place.password or ""}
    settings.configure(
        DATABASES={"default": database},
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "viewflow", "viewflow.workflow", "bench"],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        SECRET_KEY="bench",
    )
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def decide(flow: Any, step: Any, task: int, process: int, user: Any) -> None:
    """What Viewflow does for a POST of a task's page (viewflow.workflow.flow.utils.wrap_view)."""
    from django.db import transaction

    with flow.lock(process), transaction.atomic():
        found = flow.task_class.objects.get(pk=task)
        if found.process.flow_class != flow or not step.can_execute(user, task=found):
            raise AssertionError("not this user's task")
        activation = step.activation_class(found)
        activation.start(SimpleNamespace(user=user))
        activation.execute()


def run(instances: int) -> dict[str, float]:
    """So many instances from their submission to their end; looking up the open tasks is not counted."""
    from bench.viewflow_flow import RequestFlow as flow
    from django.contrib.auth.models import User
    from django.db import connection
    from viewflow.workflow.status import PROCESS, STATUS

    users = {name: User.objects.get_or_create(username=name)[0] for name in ("li", "wang")}
    statements, seconds = 0, 0.0

    def count(execute: Any, sql: str, *rest: Any) -> Any:
        nonlocal statements
        statements += 1
        return execute(sql, *rest)

    for stretch in ("start", "first", "second"):
        open_tasks = flow.task_class.objects.filter(status=STATUS.ASSIGNED).values_list("pk", "process_id")
        rows = list(open_tasks) if stretch != "start" else [(0, 0)] * instances
        step, user = getattr(flow, stretch), users["li" if stretch == "first" else "wang"]
        with connection.execute_wrapper(count):
            begun = time.perf_counter()
            for task, process in rows:
                if stretch == "start":
                    step.run(amount=6000)
                else:
                    decide(flow, step, task, process, user)
            seconds += time.perf_counter() - begun
    if flow.process_class.objects.exclude(status=PROCESS.DONE).exists():
        raise AssertionError("a process did not end")
    return {"rate": instances / seconds, "statements": statements / instances}


if __name__ == "__main__":
    configure(sys.argv[1])
    run(5)
    gc.collect()
    gc.freeze()  # as our side, which does so once it has started
    print(json.dumps(run(int(sys.argv[2]))))  # noqa: T201
