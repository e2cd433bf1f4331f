"""Options that several commands share, and how they become settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from app.cli.errors import CommandError

if TYPE_CHECKING:
    from app.settings import Settings

Servers = Annotated[
    str | None,
    typer.Option(
        "--bootstrap-servers",
        "-b",
        metavar="HOST:PORT,...",
        help="The Kafka brokers. [dim]ONCALL_BOOTSTRAP_SERVERS; localhost:9092[/dim]",
        rich_help_panel="Kafka",
    ),
]
Prefix = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="What topic names begin with. [dim]ONCALL_TOPIC_PREFIX; oncall[/dim]",
        rich_help_panel="Kafka",
    ),
]
Folder = Annotated[
    Path | None,
    typer.Option(
        "--runbooks",
        metavar="FOLDER",
        help="The folder of runbooks and manifests. [dim]ONCALL_RUNBOOKS; the sample library[/dim]",
    ),
]
FolderArgument = Annotated[Path | None, typer.Argument(help="The folder; the same as --runbooks.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document, for scripts.")]
Who = Annotated[
    str | None,
    typer.Option("--as", metavar="NAME", help="Who asks. [dim]Your user name on this machine[/dim]"),
]
Reason = Annotated[str, typer.Option("--reason", help="Why, for all who see it.")]
Within = Annotated[
    float, typer.Option(min=1, metavar="SECONDS", help="How long to wait for the service to say so.")
]


def examples(*lines: str) -> str:
    """Give the epilog of a command's help: a few commands to copy, each a line."""
    shown = [f"[green]{escape(line)}[/green]" for line in lines]
    return "\n".join(["[bold]Examples[/bold]", *shown])


def settings_of(**typed: object) -> Settings:
    """Give the settings: what was typed, else the environment, else the defaults.

    Raises CommandError that names the variable or option with a value that cannot be.
    """
    from app.settings import SettingsError, read_settings

    try:
        return read_settings(**{name: value for name, value in typed.items() if value is not None})
    except SettingsError as error:
        raise CommandError(str(error)) from error
    except FileNotFoundError as error:
        raise CommandError(f"{error}, or name a folder with --runbooks") from error
