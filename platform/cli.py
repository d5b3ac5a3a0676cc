"""The `formloom` command. Its groups stand in modules of their own, imported only when they are used.

Exit codes: 0 done, 1 what was looked at has errors, 2 wrong use or something is missing (one sentence on standard error).
"""

import importlib
import os
import sys
from typing import Any

import click

from formloom.platform.errors import FormloomError
from formloom.platform.settings import Settings, SettingsError, read_settings

COMMANDS: dict[str, tuple[str, str]] = {
    "serve": ("cli_serve:serve", "Start everything on this machine: pages, API and background worker."),
    "web": ("cli_serve:web", "Start only the web server (as many as you like, beside workers)."),
    "worker": ("cli_serve:worker", "Start only a background worker (as many as you like)."),
    "init": ("cli_setup:init", "Make a workspace and its first admin."),
    "demo": ("cli_setup:demo", "Make the sample workspace, with people, records and history."),
    "db": ("cli_db:db", "Make, update, check or rebuild the tables."),
    "backup": ("cli_setup:backup", "Write everything to one file."),
    "restore": ("cli_setup:restore", "Read everything back from such a file."),
    "apps": ("cli_apps:apps", "List, check, install and export apps."),
    "records": ("cli_records:records", "Write a form as a spreadsheet, and import records from filled-in ones."),
    "form": ("cli_form:form", "Check form definitions, validate records, import and export forms."),
    "formula": ("cli_form:formula", "Translate between spreadsheet formulas and JSON Logic."),
    "workflow": ("cli_workflow:workflow", "Prove workflows, try them out, translate to and from BPMN."),
    "settings": ("cli_setup:settings", "Print every setting and what it does."),
    "bench": ("cli_setup:bench", "Measure this machine."),
}


ADMIN_PASSWORD = "FORMLOOM_ADMIN_PASSWORD"  # noqa: S105 the variable of `init`, which is no setting


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order in which a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(f"formloom.platform.{module}"), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of the help page, written from the table so that nothing is imported for it."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in COMMANDS.items()])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the options before the command's name."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            raise _told_in_a_sentence(error) from error

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; an error that can be told in a sentence is told in one, with exit code 2."""
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            raise _told_in_a_sentence(error) from error
        except FormloomError as error:
            raise Failure(str(error)) from error
        except Exception as error:
            if type(error).__name__ != "OperationalError":  # SQLAlchemy's, which is not imported for `--help`
                raise
            reason = " ".join(str(getattr(error, "orig", error)).split())
            raise Failure(f"The database can't be reached or used: {reason}") from error


class Failure(click.ClickException):
    """Something is missing or was asked for wrongly: one sentence on standard error, exit code 2."""

    exit_code = 2


def _told_in_a_sentence(error: click.UsageError) -> click.ClickException:
    """Wrong use in one sentence, where click would print three lines; a group without a command still shows its help."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError) or error.ctx is None:
        return error
    message = error.format_message().strip().rstrip(".")
    return Failure(f"{message}; see “{error.ctx.command_path} --help”.")


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="formloom", prog_name="formloom")
def main() -> None:
    """Formloom: forms and workflows that your company builds itself.

    Begin with `formloom serve --demo`: it makes everything it needs in the folder `var`, starts the product with a
    sample workspace, and prints the address to open and the accounts to sign in with.

    Settings are environment variables; `formloom settings` lists them. Exit codes: 0 done, 1 what was checked has
    errors, 2 wrong use or something is missing.
    """


def settings_from(**given: Any) -> Settings:
    """The settings of the environment, with what was given as options (None: not given) put over them."""
    environment = {name: text for name, text in os.environ.items() if name != ADMIN_PASSWORD}
    environment |= {f"FORMLOOM_{name.upper()}": str(value) for name, value in given.items() if value is not None}
    try:
        return read_settings(environment)
    except SettingsError as error:
        raise Failure(str(error)) from error


if __name__ == "__main__":
    sys.exit(main())
