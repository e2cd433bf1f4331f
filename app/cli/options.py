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
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document, for scripts.")]


def examples(*lines: str) -> str:
    """Give the epilog of a command's help: a few commands to copy, each a line."""
    shown = [f"[green]{escape(line)}[/green]" for line in lines]
    return "\n".join(["[bold]Examples[/bold]", *shown])


def settings_of(**typed: object) -> Settings:
    """Give the settings: what was typed, else the environment, else the defaults.

    Raises CommandError that names the variable or option with a value that cannot be.
    """
    from pydantic import ValidationError

    from app.settings import Settings

    given = {name: value for name, value in typed.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]  # pydantic checks them
    except ValidationError as error:
        told = [_told(str(each["loc"][0]), each["msg"], typed=given) for each in error.errors()]
        raise CommandError("; ".join(told)) from error
    except FileNotFoundError as error:
        raise CommandError(f"{error}, or name a folder with --runbooks") from error


def _told(field: str, message: str, *, typed: dict[str, object]) -> str:
    name = f"--{field.replace('_', '-')}" if field in typed else f"ONCALL_{field.upper()}"
    return f"{name}: {message[:1].lower()}{message[1:]}"
