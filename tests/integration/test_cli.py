"""The `formloom` command: what it says, what it leaves behind, its exit codes, and how `serve` starts and stops."""

import json
import os
import signal
import socket
import subprocess
import sys
import tarfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from installation import database, wait_until

from formloom.platform import cli
from formloom.platform.models import OutboxMessage, Record, Workspace
from formloom.platform.runtime import caller_for, create_runtime
from formloom.platform.services import accounts, files, inbox, people, records
from formloom.platform.settings import read_settings

ROOT = Path(__file__).parents[2]
ADMIN = ["--workspace", "Hesheng", "--name", "Rita", "--email", "rita@example.com", "--zone", "Asia/Shanghai"]
FILE_FIELD = "files"
PASSWORD = {"FORMLOOM_ADMIN_PASSWORD": "correct horse battery"}


def run(*arguments: object, folder: Path | None = None, **environment: str) -> Result:
    clean = dict.fromkeys([name for name in os.environ if name.startswith("FORMLOOM_")])
    given = clean | ({"FORMLOOM_DATA_FOLDER": str(folder)} if folder else {}) | environment
    return CliRunner().invoke(cli.main, [str(each) for each in arguments], env=given)


def test_help_is_quick_and_names_every_command() -> None:
    result = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "formloom.platform.cli", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert all(name in result.stdout for name in cli.COMMANDS)
    imported = {line.rpartition("|")[2].strip() for line in result.stderr.splitlines()}
    assert not imported & {"sqlalchemy", "flask", "celery", "jsonschema", "z3"}


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


@pytest.mark.parametrize("path", list(commands(cli.main)), ids=" ".join)
def test_every_command_teaches(path: tuple[str, ...]) -> None:
    result = run(*path, "--help")
    assert result.exit_code == 0
    assert len(result.output.split("Options:")[0].split()) > 8, result.output


@pytest.mark.parametrize(
    "arguments",
    [["nothing"], ["serve", "--port", "99999"], ["db"], ["apps", "check"], ["apps", "check", "/nowhere"], ["db", "rebuild"],
     ["apps", "install", "nothing"], ["restore", "/nowhere.tar.gz"], ["db", "rebuild", "nothing"]],
    ids=" ".join,
)  # fmt: skip
def test_wrong_use_is_exit_code_2(arguments: list[str], tmp_path: Path) -> None:
    result = run(*arguments, folder=tmp_path / "data")
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_a_wrong_setting_is_one_sentence(tmp_path: Path) -> None:
    result = run("db", "upgrade", folder=tmp_path, FORMLOOM_PORT="many", FORMLOOM_NONSENSE="1")
    assert result.exit_code == 2
    assert "FORMLOOM_PORT must be a whole number" in result.output
    assert "FORMLOOM_NONSENSE is no setting" in result.output


def test_a_database_that_is_away_is_one_sentence(tmp_path: Path) -> None:
    result = run("db", "upgrade", folder=tmp_path, FORMLOOM_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert result.exit_code == 2
    assert result.output.startswith("Error: The database can't be reached")


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = run("serve", folder=tmp_path / "file" / "data")
    assert result.exit_code == 2
    assert "can't be written to" in result.output


def test_init_makes_an_admin_who_can_sign_in(tmp_path: Path) -> None:
    assert run("init", *ADMIN, folder=tmp_path, **PASSWORD).exit_code == 0
    with installed(tmp_path) as runtime:
        assert accounts.sign_in(runtime, email="rita@example.com", password="correct horse battery", address=None)
    for wrong in (["--zone", "Moon/Sea"], ["--email", "nobody"]):
        assert run("init", *ADMIN, *wrong, folder=tmp_path, **PASSWORD).exit_code == 2
    assert run("init", *ADMIN, folder=tmp_path, FORMLOOM_ADMIN_PASSWORD="short").exit_code == 2


@contextmanager
def installed(folder: Path, **settings: str) -> Iterator[Any]:
    runtime = create_runtime(read_settings({"FORMLOOM_DATA_FOLDER": str(folder)} | settings))
    yield runtime
    runtime.close()


def test_the_tables_are_made_checked_and_a_newer_database_is_refused(tmp_path: Path) -> None:
    assert json.loads(run("db", "check", "--json", folder=tmp_path).output)["state"] == "empty"
    assert run("db", "check", folder=tmp_path).exit_code == 1
    assert json.loads(run("db", "upgrade", "--json", folder=tmp_path).output)["applied"] != []
    assert json.loads(run("db", "upgrade", "--json", folder=tmp_path).output)["applied"] == []
    assert run("db", "check", folder=tmp_path).exit_code == 0
    with installed(tmp_path) as runtime, runtime.database.defining() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = 'from_the_future'"))
    for arguments in (["db", "upgrade"], ["serve"], ["worker"]):
        result = run(*arguments, folder=tmp_path, FORMLOOM_PORT=str(free_port()))
        assert result.exit_code == 2, arguments
        assert "newer Formloom" in result.output
    assert run("db", "check", folder=tmp_path).exit_code == 1


def test_web_and_worker_ask_for_the_tables_first(tmp_path: Path) -> None:
    for arguments in (["worker"], ["web", "--port", str(free_port())]):
        result = run(*arguments, folder=tmp_path)
        assert result.exit_code == 2
        assert "formloom db upgrade" in result.output


def test_apps_are_listed_installed_exported_and_checked(tmp_path: Path) -> None:
    assert run("apps", "install", "rewards", folder=tmp_path).exit_code == 2
    run("init", *ADMIN, folder=tmp_path, **PASSWORD)
    listed = json.loads(run("apps", "list", "--json", folder=tmp_path).output)["apps"]
    assert {row["key"] for row in listed} == {"crm", "kpi", "rewards", "training"}
    assert not any(row["installed"] for row in listed)
    assert run("apps", "install", "rewards", folder=tmp_path).output == "Installed rewards.\n"
    assert run("apps", "install", "rewards", folder=tmp_path).exit_code == 2
    assert run("apps", "export", "rewards", tmp_path / "out", folder=tmp_path).exit_code == 0
    checked = run("apps", "check", "--json", tmp_path / "out")
    assert checked.exit_code == 0
    assert {problem["severity"] for problem in json.loads(checked.output)["problems"]} <= {"note"}
    assert run("apps", "export", "rewards", tmp_path / "out", folder=tmp_path).exit_code == 2
    assert run("apps", "export", "nothing", tmp_path / "none", folder=tmp_path).exit_code == 2
    assert run("apps", "check", tmp_path / "out").output.endswith(
        f"{len(json.loads(checked.output)['problems'])} notes.\n"
    )


def test_a_second_workspace_is_named_by_what_init_told(tmp_path: Path) -> None:
    first, second = (
        json.loads(run("init", *ADMIN, "--json", folder=tmp_path, **PASSWORD).output)["workspace"] for _ in "12"
    )
    asked = run("apps", "list", folder=tmp_path)
    assert asked.exit_code == 2
    assert f"{first} (Hesheng), {second} (Hesheng)" in asked.output
    chosen = run("apps", "install", "training", "--workspace", second, "--json", folder=tmp_path)
    assert json.loads(chosen.output) == {"app": "training", "workspace": second}


def test_a_broken_package_is_named_file_by_file(tmp_path: Path) -> None:
    (tmp_path / "app.json").write_text('{"key": "x", "nme": "X"}')
    result = run("apps", "check", "--json", tmp_path)
    assert result.exit_code == 1
    problems = json.loads(result.output)["problems"]
    assert {"file", "pointer", "message", "severity"} == set(problems[0])
    assert any(problem["file"] == "app.json" for problem in problems)
    run("init", *ADMIN, folder=tmp_path / "data", **PASSWORD)
    assert run("apps", "install", tmp_path, folder=tmp_path / "data").exit_code == 1


# the sample workspace, and moving it


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The data folder of a sample workspace, and what the command told."""
    folder = tmp_path_factory.mktemp("sample")
    result = run("demo", "--json", folder=folder)
    assert result.exit_code == 0, result.output
    return folder, json.loads(result.stdout)


def test_the_sample_workspace_has_accounts_apps_requests_and_people(sample: tuple[Path, dict[str, Any]]) -> None:
    folder, told = sample
    assert len(told["accounts"]) == 6
    with installed(folder) as runtime:
        for account in told["accounts"]:
            email = account["email"]
            signed_in = accounts.sign_in(runtime, email=email, password=told["password"], address="127.0.0.1")
            caller = caller_for(runtime, signed_in.workspace_id, signed_in.member_id)
            assert inbox.counts(caller).todo >= 0
        admin = caller_for(runtime, told["workspace"])
        assert records.count(admin, "reward_request") > 5
        with runtime.reading() as db:
            assert db.query(OutboxMessage).count() == 0


def test_making_the_sample_again_adds_nothing(sample: tuple[Path, dict[str, Any]]) -> None:
    folder, told = sample

    def rows() -> int:
        with installed(folder) as runtime, runtime.reading() as db:
            return db.query(Record).count()

    before = rows()
    assert json.loads(run("demo", "--json", folder=folder).stdout) == told
    assert rows() == before


def test_records_come_from_a_filled_in_file(sample: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    folder, told = sample
    assert run("records", "template", "product", tmp_path / "product.xlsx", folder=folder).exit_code == 0
    assert (tmp_path / "product.xlsx").read_bytes()[:2] == b"PK"
    file = tmp_path / "filled.csv"
    head, row = "Article number,Name,Category,Unit,List price", "ZZ-77777,Probe,Balances,set,12"
    file.write_text(f"{head}\n{row}\nZZ-77778,Wrong,Nothing,set,12\n", encoding="utf-8")
    looked = run("records", "import", "product", file, "--dry-run", "--json", folder=folder)
    assert looked.exit_code == 1
    answer = json.loads(looked.stdout)
    assert (answer["rows"], answer["good"]) == (2, 1)
    assert [(each["row"], each["column"]) for each in answer["problems"]] == [(3, "C")]
    file.write_text(f"{head}\n{row}\n", encoding="utf-8")
    assert run("records", "import", "product", file, "--by", told["accounts"][0]["email"], folder=folder).exit_code == 0
    with installed(folder) as runtime:
        caller = caller_for(runtime, told["workspace"])
        assert records.count(caller, "product", records.Query(text="ZZ-77777")) == 1


def test_a_table_is_rebuilt_from_its_documents(sample: tuple[Path, dict[str, Any]]) -> None:
    folder, told = sample
    with installed(folder) as runtime:
        caller = caller_for(runtime, told["workspace"])
        before = [row.title for row in records.records(caller, "reward_request").rows]
        assert before
        result = run("db", "rebuild", "reward_request", folder=folder)
        assert result.exit_code == 0, result.output
        assert [row.title for row in records.records(caller, "reward_request").rows] == before


@pytest.mark.parametrize("broker", ["embedded", "amqp"], ids=["sqlite", "postgresql"])
def test_a_backup_is_restored_whole_into_either_database(
    sample: tuple[Path, dict[str, Any]], tmp_path: Path, broker: str
) -> None:
    folder, told = sample
    with installed(folder) as runtime:
        caller = caller_for(runtime, told["workspace"], "amy_chen")
        kept = files.upload(caller, "reward_request", FILE_FIELD, "offer.txt", b"An offer").id
        with caller.writing() as db:
            db.add(waiting(caller))
    archive = tmp_path / "backup.tar.gz"
    assert run("backup", archive, folder=folder).exit_code == 0
    assert archive.stat().st_mode & 0o777 == 0o600
    assert run("backup", archive, folder=folder).exit_code == 2
    new = tmp_path / "new"
    with database(broker, tmp_path) as url:
        result = run("restore", archive, folder=new, FORMLOOM_DATABASE_URL=url)
        assert result.exit_code == 0, result.output
        assert run("restore", archive, folder=new, FORMLOOM_DATABASE_URL=url).exit_code == 2
        with installed(folder) as old, installed(new, FORMLOOM_DATABASE_URL=url) as fresh:
            assert everything(old) == everything(fresh)
            same = caller_for(fresh, told["workspace"], "amy_chen")
            with files.download(same, kept).content as content:
                assert content.read() == b"An offer"
            with fresh.reading() as db:
                assert [row.status for row in db.query(OutboxMessage)] == ["parked"]
            made = accounts.create_workspace(fresh, workspace="More", name="Eve", email="eve@example.com",
                                             password="correct horse battery", language="en", zone="UTC", another=True)  # fmt: skip
            assert made.workspace_id > told["workspace"]
    with installed(folder) as runtime, runtime.writing() as db:
        db.query(OutboxMessage).delete()


def waiting(caller: Any) -> OutboxMessage:
    message = OutboxMessage(
        workspace_id=caller.workspace_id, kind="mail", body={"to": ["x@example.com"], "subject": "Hi"}
    )
    message.due_at = message.created_at = caller.now()
    return message


def everything(runtime: Any) -> dict[str, Any]:
    with runtime.reading() as db:
        workspace = db.query(Workspace).one()
        documents = {row.id: (row.document, row.title, row.status) for row in db.query(Record)}
    caller = caller_for(runtime, workspace.id)
    listed = [row.title for row in records.records(caller, "reward_request").rows]
    return {"name": workspace.name, "documents": documents, "listed": listed, "people": len(caller_people(caller))}


def caller_people(caller: Any) -> list[Any]:
    return list(people.members(caller, limit=200).rows)


def test_what_is_no_backup_is_refused_and_nothing_is_changed(tmp_path: Path) -> None:
    (tmp_path / "text.tar.gz").write_text("no backup")
    with tarfile.open(tmp_path / "other.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "text.tar.gz", "formloom.json")
    for name in ("text.tar.gz", "other.tar.gz"):
        result = run("restore", tmp_path / name, folder=tmp_path / "data")
        assert result.exit_code == 2
        assert "is no backup" in result.output


# serve


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Serving:
    """`formloom serve` as somebody starts it."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.port, self.output = free_port(), folder / "output.txt"
        environment = {name: text for name, text in os.environ.items() if not name.startswith("FORMLOOM_")}
        environment |= {
            "FORMLOOM_DATA_FOLDER": str(folder / "data"),
            "FORMLOOM_FACE": "bare_face",
            "PYTHONPATH": str(ROOT / "tests"),
        }
        command = [sys.executable, "-m", "formloom.platform.cli", "serve", "--port", str(self.port), *options]
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)

    def get(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def children(self) -> list[int]:
        found = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return [int(pid) for file in found for pid in file.read_text().split()]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    started = Serving(tmp_path)
    yield started
    if started.process.poll() is None:
        started.process.kill()
        started.process.wait()


def test_serve_starts_everything_on_a_fresh_folder_and_ctrl_c_stops_all_of_it(serving: Serving) -> None:
    assert wait_until(lambda: serving.get("/healthz") == 200, 60), serving.output.read_text()
    assert serving.get("/readyz") == 200
    assert wait_until(lambda: serving.children(), 30)
    children = serving.children()
    serving.process.send_signal(signal.SIGINT)
    assert serving.process.wait(30) == 0
    assert not any(alive(pid) for pid in children)
    said = serving.output.read_text()
    assert f"Formloom is at http://127.0.0.1:{serving.port}" in said
    assert "Mails are written to" in said
    assert "Traceback" not in said
    data = serving.output.parent / "data"
    assert (data / "secret_key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_a_worker_of_its_own_that_is_told_to_stop_has_not_failed(tmp_path: Path, told: signal.Signals) -> None:
    assert run("db", "upgrade", folder=tmp_path).exit_code == 0
    environment = {name: text for name, text in os.environ.items() if not name.startswith("FORMLOOM_")}
    command = [sys.executable, "-m", "formloom.platform.cli", "worker", "--data-folder", str(tmp_path)]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as worker:
        assert worker.stdout is not None
        assert any("worker ready" in line for line in worker.stdout)
        worker.send_signal(told)
        assert "Error" not in worker.communicate(timeout=60)[0]
    assert worker.returncode == 0


def test_a_worker_that_is_killed_is_started_again(serving: Serving) -> None:
    assert wait_until(lambda: serving.get("/healthz") == 200 and serving.children(), 60), serving.output.read_text()
    (worker,) = serving.children()
    os.kill(worker, signal.SIGKILL)
    assert wait_until(lambda: serving.children() and serving.children() != [worker], 30)
    serving.process.send_signal(signal.SIGTERM)
    assert serving.process.wait(30) == 0


def test_when_serve_itself_is_killed_its_worker_stops_too(serving: Serving) -> None:
    assert wait_until(lambda: "ready" in (serving.output.read_text()) or serving.children(), 60)
    assert wait_until(lambda: serving.get("/healthz") == 200, 60)
    (worker,) = serving.children()
    serving.process.kill()
    serving.process.wait()
    assert wait_until(lambda: not alive(worker), 30)


@pytest.mark.parametrize("command", ["serve", "web"])
def test_a_taken_port_is_one_sentence_and_starts_nothing(tmp_path: Path, command: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = run(command, "--port", taken.getsockname()[1], folder=tmp_path)
    assert result.exit_code == 2
    assert "Choose another with --port or FORMLOOM_PORT." in result.output
    assert not (tmp_path / "formloom.db").exists()
