"""Settings: typed, checked one by one in a sentence, and printed on the page of the admins' guide."""

import dataclasses
import stat
from pathlib import Path

import pytest

from formloom.form_engine.limits import Limits
from formloom.platform import runtime
from formloom.platform.settings import Settings, SettingsError, read_settings, settings_page, variable

ROOT = Path(__file__).parents[2]


def test_without_any_variable_everything_has_its_default() -> None:
    assert read_settings({"PATH": "/bin", "FORMLOOM_PORT": "", "FORMLOOM_HOST": "  "}) == Settings()


def test_the_page_of_the_guide_is_what_the_program_says() -> None:
    """Print it anew with `formloom settings > docs/admins/settings.md`."""
    assert (ROOT / "docs" / "admins" / "settings.md").read_text(encoding="utf-8") == settings_page() + "\n"


def test_every_setting_has_its_line_on_the_page() -> None:
    for field in dataclasses.fields(Settings):
        assert f"| `{variable(field.name)}` |" in settings_page()


@pytest.mark.parametrize(
    ("name", "raw", "said"),
    [
        ("FORMLOOM_PORT", "80a", "a whole number from 1 to 65535"),
        ("FORMLOOM_PORT", "70000", "a whole number from 1 to 65535"),
        ("FORMLOOM_PORT", "²", "a whole number"),
        ("FORMLOOM_DATABASE_URL", "mysql://x", "sqlite:///FILE or postgresql://"),
        ("FORMLOOM_DATABASE_URL", "sqlite://", "sqlite:///FILE"),
        ("FORMLOOM_BROKER_URL", "http://x", "amqp://"),
        ("FORMLOOM_SMTP_URL", "mail.example.com", "smtp://"),
        ("FORMLOOM_BASE_URL", "example.com", "http://"),
        ("FORMLOOM_DEMO_ANYWHERE", "maybe", "yes or no"),
        ("FORMLOOM_ZONE", "Mars/Olympus", "a time zone such as"),
        ("FORMLOOM_LANGUAGE", "zh", "en, zh_Hans"),
        ("FORMLOOM_LOG_LEVEL", "loud", "debug, info, warning, error"),
        ("FORMLOOM_PROT", "8000", "is no setting"),
    ],
)
def test_a_wrong_value_is_one_sentence_that_names_it(name: str, raw: str, said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({name: raw})
    assert name in str(refused.value)
    assert said in str(refused.value)
    assert str(refused.value).count(".") >= 1


def test_all_wrong_values_are_told_at_once() -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({"FORMLOOM_PORT": "x", "FORMLOOM_ZONE": "y"})
    assert "FORMLOOM_PORT" in str(refused.value)
    assert "FORMLOOM_ZONE" in str(refused.value)


def test_values_are_read_as_what_they_are(tmp_path: Path) -> None:
    settings = read_settings(
        {
            "FORMLOOM_DATA_FOLDER": str(tmp_path),
            "FORMLOOM_PORT": "9000",
            "FORMLOOM_DEMO_ANYWHERE": "Yes",
            "FORMLOOM_DATABASE_URL": "postgres://u:p@h/n",
            "FORMLOOM_BASE_URL": "https://forms.example.com/",
        }
    )
    assert (settings.port, settings.demo_anywhere) == (9000, True)
    assert settings.database() == "postgresql+psycopg://u:p@h/n"
    assert settings.address() == "https://forms.example.com"
    assert read_settings({"FORMLOOM_DATA_FOLDER": str(tmp_path)}).database() == f"sqlite:///{tmp_path / 'formloom.db'}"


def test_the_secret_key_is_made_once_and_read_by_its_owner_only(tmp_path: Path) -> None:
    settings = Settings(data_folder=tmp_path / "var")
    first = settings.secret_key()
    assert len(first) > 40
    assert settings.secret_key() == first
    assert stat.S_IMODE((tmp_path / "var" / "secret_key").stat().st_mode) == 0o600
    assert [file.name for file in (tmp_path / "var").iterdir()] == ["secret_key"]


def test_a_data_folder_that_can_not_be_written_to_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file")
    with pytest.raises(SettingsError, match="can't be used"):
        Settings(data_folder=tmp_path / "var").secret_key()


def test_the_limits_reach_the_engines(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(runtime, "LIMITS", limits := Limits())
    given = {"FORM_FIELDS": 7, "TABLE_ROWS": 8, "DOCUMENT_KILOBYTES": 16, "WORKFLOW_STEPS": 9, "WORKFLOW_DEPTH": 3}
    environment = {f"FORMLOOM_{name}": str(number) for name, number in (given | {"STEP_TASKS": 5}).items()}
    runtime.create_runtime(read_settings(environment | {"FORMLOOM_DATA_FOLDER": str(tmp_path)})).close()
    assert (limits.fields, limits.rows, limits.document_bytes) == (7, 8, 16_000)
    assert (limits.steps, limits.step_depth, limits.open_tasks) == (9, 3, 5)
