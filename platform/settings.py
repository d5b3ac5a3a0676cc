"""Every setting, typed, read once from the environment; `docs/admins/settings.md` is printed from here.

A setting is one field of `Settings`: its name gives the variable (`data_folder` is `FORMLOOM_DATA_FOLDER`), its reader
turns the text into a value or says in one sentence what is wrong. Nothing else in Formloom reads the environment.
"""

# ruff: noqa: RUF009 — `_setting` makes a dataclass field, once, as `dataclasses.field` does
import dataclasses
import os
import secrets
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from formloom.form_engine.errors import FormloomError

PREFIX = "FORMLOOM_"
EMBEDDED = "embedded"
LANGUAGES = ("en", "zh_Hans")


class SettingsError(FormloomError):
    """One or more settings are wrong; the sentence names each variable and what it takes."""


def _text(raw: str) -> str:
    return raw


def _path(raw: str) -> Path:
    return Path(raw).expanduser().absolute()


def _whole(low: int, high: int) -> Callable[[str], int]:
    def _read(raw: str) -> int:
        if not raw.lstrip("-").isdecimal() or not low <= int(raw) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(raw)

    return _read


def _switch(raw: str) -> bool:
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if raw.lower() not in words:
        raise ValueError("must be yes or no")
    return words[raw.lower()]


def _one_of(*words: str) -> Callable[[str], str]:
    def _read(raw: str) -> str:
        if raw not in words:
            raise ValueError(f"must be one of {', '.join(words)}")
        return raw

    return _read


def _address(*schemes: str, special: str = "") -> Callable[[str], str]:
    def _read(raw: str) -> str:
        if special and raw == special:
            return raw
        if urlsplit(raw).scheme not in schemes:
            start = " or ".join(f"{scheme}://" for scheme in schemes)
            raise ValueError(f"must start with {start}" + (f", or be {special}" if special else ""))
        return raw.rstrip("/")

    return _read


def _database(raw: str) -> str:
    if raw == EMBEDDED:
        return raw
    scheme, _, rest = raw.partition("://")
    if scheme in ("postgresql", "postgres", "postgresql+psycopg"):
        return f"postgresql+psycopg://{rest}"
    if scheme == "sqlite" and len(rest) > 1:
        return raw
    raise ValueError("must be embedded, sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME")


def _zone(raw: str) -> str:
    if raw not in available_timezones():
        raise ValueError("must be a time zone such as Asia/Shanghai")
    return raw


def _setting(default: object, read: Callable[[str], object], about: str) -> Any:
    return dataclasses.field(default=default, metadata={"read": read, "about": about})


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one installation. `read_settings` makes it from the environment."""

    data_folder: Path = _setting(
        Path("var"), _path, "Folder for everything that Formloom writes: embedded database, files, mails, secret key."
    )
    database_url: str = _setting(
        EMBEDDED,
        _database,
        "Where records are kept. `embedded` is SQLite in the data folder; or `postgresql://USER:PASSWORD@HOST/NAME`.",
    )
    broker_url: str = _setting(
        EMBEDDED,
        _address("amqp", "amqps", "redis", "rediss", special=EMBEDDED),
        "Who carries nudges to the workers. `embedded` is a folder; `amqp://…` (RabbitMQ) or `redis://…` for many.",
    )
    files_url: str = _setting(
        EMBEDDED,
        _address("file", "s3", special=EMBEDDED),
        "Where uploads are kept. `embedded` is a folder of the data folder; `s3://BUCKET/PATH` needs s3fs installed.",
    )
    host: str = _setting("127.0.0.1", _text, "Address that the web server listens on.")
    port: int = _setting(8000, _whole(1, 65535), "Port that the web server listens on.")
    base_url: str = _setting(
        "", _address("http", "https"), "Address that people open, for links in mails. Default: the host and port above."
    )
    trusted_proxies: int = _setting(
        0,
        _whole(0, 10),
        "How many reverse proxies stand before Formloom; that many X-Forwarded-* entries are believed.",
    )
    threads: int = _setting(8, _whole(1, 200), "Threads of the embedded web server.")
    workers: int = _setting(2, _whole(1, 64), "Background tasks that one worker does at a time.")
    lease_seconds: int = _setting(
        60, _whole(2, 3600), "Seconds after which the work of a worker that died is taken up by another one."
    )
    database_connections: int = _setting(16, _whole(2, 500), "Most database connections that one process holds open.")
    smtp_url: str = _setting(
        "",
        _address("smtp", "smtps", "smtp+starttls"),
        "Mail server: `smtp://`, `smtps://` or `smtp+starttls://USER:PASSWORD@HOST:PORT`. Default: a folder.",
    )
    mail_from: str = _setting("Formloom <formloom@localhost>", _text, "Sender of the mails.")
    webhook_private: bool = _setting(
        False, _switch, "Let webhooks call addresses inside the private network that Formloom runs in."
    )
    language: str = _setting("en", _one_of(*LANGUAGES), "Language before anybody has signed in and chosen another.")
    zone: str = _setting("UTC", _zone, "Time zone offered for a new workspace.")
    session_days: int = _setting(14, _whole(1, 365), "Days after which somebody signed in has to sign in again.")
    demo_anywhere: bool = _setting(
        False, _switch, "Let the sample accounts sign in from another address than this machine's own."
    )
    upload_megabytes: int = _setting(20, _whole(1, 2000), "Largest upload, in MB.")
    upload_types: str = _setting(
        "pdf png jpg jpeg gif webp heic txt csv md doc docx xls xlsx ppt pptx odt ods odp zip 7z rar mp3 mp4 mov eml",
        _text,
        "Endings of the file names that may be uploaded, separated by blanks.",
    )
    form_fields: int = _setting(500, _whole(1, 10_000), "Most fields of one form, columns of sub-tables included.")
    table_rows: int = _setting(1000, _whole(1, 100_000), "Most rows of one sub-table of a record.")
    document_kilobytes: int = _setting(1000, _whole(16, 65_536), "Largest record or definition, in kB of JSON.")
    workflow_steps: int = _setting(200, _whole(1, 10_000), "Most steps of one workflow.")
    workflow_depth: int = _setting(8, _whole(1, 20), "How deep branches may stand in branches of a workflow.")
    step_tasks: int = _setting(
        500, _whole(1, 100_000), "Most people who have a task of one step at once; a step that finds more is blocked."
    )
    automation_depth: int = _setting(
        5, _whole(1, 20), "How deep what automations do may start other automations; deeper runs are held back."
    )
    automation_runs: int = _setting(
        1000, _whole(1, 1_000_000), "Most runs of one automation in an hour that changes of records start."
    )
    page_rows: int = _setting(200, _whole(10, 1000), "Most rows of one page of a list.")
    log_level: str = _setting(
        "info", _one_of("debug", "info", "warning", "error"), "What is logged: debug, info, warning or error."
    )
    log_format: str = _setting(
        "text", _one_of("text", "json"), "How it is logged: text for people, json for a collector."
    )
    face: str = _setting("formloom.web", _text, "Import name of the package that draws the pages.")

    def database(self) -> str:
        """The SQLAlchemy URL; the embedded default is a file in the data folder."""
        embedded = self.database_url == EMBEDDED
        return f"sqlite:///{self.data_folder.absolute() / 'formloom.db'}" if embedded else self.database_url

    def files(self) -> str:
        """The fsspec URL of the folder that uploads are kept in."""
        return (self.data_folder.absolute() / "files").as_uri() if self.files_url == EMBEDDED else self.files_url

    def address(self) -> str:
        """The address that people open, without a slash at its end."""
        return self.base_url or f"http://{self.host}:{self.port}"

    def secret_key(self) -> str:
        """The key that signs sessions: made at the first start, kept in the data folder, readable by its owner only.

        Raises:
            SettingsError: the data folder cannot be written to.
        """
        file = self.data_folder / "secret_key"
        try:
            if not file.exists():
                self.data_folder.mkdir(parents=True, exist_ok=True)
                _write_once(file, secrets.token_urlsafe(48))
            return file.read_text().strip()
        except OSError as error:
            raise SettingsError(f"The data folder {self.data_folder} can't be used: {error.strerror}.") from error


def _write_once(file: Path, text: str) -> None:
    """Make `file`, whole and readable by its owner only, unless another process was faster."""
    descriptor, name = tempfile.mkstemp(dir=file.parent)
    try:
        with os.fdopen(descriptor, "w") as whole:
            whole.write(text)
        os.link(name, file)
    except FileExistsError:
        pass
    finally:
        os.unlink(name)


def variable(name: str) -> str:
    """The environment variable of the setting `name`."""
    return PREFIX + name.upper()


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings that `environment` (usually `os.environ`) gives; what it leaves out or blank has its default.

    Raises:
        SettingsError: a value is wrong, or a `FORMLOOM_…` variable is none of ours; every one of them is named.
    """
    fields = {variable(field.name): field for field in dataclasses.fields(Settings)}
    values: dict[str, Any] = {}
    wrong = [f"{name} is no setting." for name in environment if name.startswith(PREFIX) and name not in fields]
    for name, field in fields.items():
        raw = environment.get(name, "").strip()
        if not raw:
            continue
        try:
            values[field.name] = field.metadata["read"](raw)
        except ValueError as error:
            wrong.append(f"{name} {error}; it is {raw!r}.")
    if wrong:
        raise SettingsError(" ".join(wrong))
    return Settings(**values)


def settings_page() -> str:
    """The page of the admins' guide: every variable, its default and what it does, as Markdown."""
    rows = [
        f"| `{variable(field.name)}` | `{field.default if field.default != '' else '–'}` | {field.metadata['about']} |"
        for field in dataclasses.fields(Settings)
    ]
    head = [
        "# Settings",
        "",
        "Formloom reads its settings from environment variables when it starts. A wrong value, or a misspelt name,",
        "stops the start with a sentence that says what is expected. This page is printed from `platform/settings.py`.",
        "",
        "| variable | default | what it does |",
        "|---|---|---|",
    ]
    return "\n".join([*head, *rows])
