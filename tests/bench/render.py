"""The page of a 200-field form, rendered on the server: the whole request, without the network."""

import json
import statistics
import time
from collections.abc import Iterator

from bench.installation import installation
from bench.rows import Row
from bench.validate import large_form

from formloom.platform.app import create_app
from formloom.platform.packages.files import write_zip
from formloom.platform.runtime import caller_for
from formloom.platform.services import installing
from formloom.platform.settings import read_settings

TIMES = 20


def run() -> Iterator[Row]:
    app_document = {
        "$schema": "https://formloom.dev/schema/app/v1",
        "key": "large_app",
        "name": "Large",
        "category": "other",
        "version": "1.0.0",
    }
    files = {"app.json": app_document | {"navigation": [{"form": "large"}]}, "forms/large.json": large_form()}
    with installation("SQLite") as place:
        caller = caller_for(place.runtime, place.workspace_id, place.member_id)
        installing.import_app(
            caller, write_zip({name: json.dumps(document).encode() for name, document in files.items()})
        )
        app = create_app(read_settings(place.environment), place.runtime)
        app.config["WTF_CSRF_ENABLED"] = False
        client = app.test_client()
        client.post("/sign-in", data={"email": "bench@example.com", "password": "a long bench password"})
        took = []
        for _ in range(TIMES):
            begun = time.perf_counter()
            answer = client.get("/apps/large_app/large/new")
            took.append((time.perf_counter() - begun) * 1000)
            if answer.status_code != 200:
                raise RuntimeError(f"The form page answers {answer.status_code}.")
        yield Row("page of a 200-field form, rendered", f"{statistics.median(took):.0f} ms", "–", "–", "< 60 ms")
