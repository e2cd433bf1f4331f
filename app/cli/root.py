"""The root of the command line: its subcommands in the order a newcomer needs them."""

from __future__ import annotations

import os
from inspect import cleandoc
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from app import __version__
from app.cli import (
    ack,
    bridge,
    broker,
    connectors,
    dead_letters,
    demo,
    evaluate,
    explain,
    handover,
    import_,
    library,
    page,
    pause,
    replay,
    runbook,
    schedule,
    schema,
    send,
    shadow,
    silence,
    simulate,
    standings,
    tail,
    topics,
    version,
    who,
    worker,
)
from app.cli.errors import as_command_error, tell
from app.cli.options import examples


class Guarded(TyperGroup):
    """The root group: an expected failure is told in one line, with its exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run the subcommand."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            told = as_command_error(error)
            if told is None or os.environ.get("ONCALL_TRACEBACK"):
                raise
            tell(str(told))
            raise typer.Exit(told.code) from error


app = typer.Typer(
    name="oncall",
    cls=Guarded,
    help="Turn alerts into few incidents, drive runbooks, page people: over Kafka, exactly and replayably.",
    epilog=examples(
        "oncall demo                       # a bad hour, in about a minute",
        "oncall worker                     # the service, on your Kafka",
        "oncall explain alert.json         # which runbook, who is paged when, and why",
        "oncall tail incident-events -f    # what is decided, as it is decided",
    ),
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        print(f"oncall {__version__}")
        raise typer.Exit


@app.callback()
def root(
    *,
    _: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Take what stands before the subcommand."""


TRY, RUN, LOOK, WRITE, PROVE = (
    "Try it",
    "Run it",
    "Put in, look, bring out",
    "What operators write",
    "Prove it",
)

for module, panel in (
    (demo, TRY),
    (broker, TRY),
    (worker, RUN),
    (send, LOOK),
    (tail, LOOK),
    (bridge, LOOK),
    (standings, LOOK),
    (connectors, LOOK),
    (ack, LOOK),
    (who, LOOK),
    (handover, LOOK),
    (page, RUN),
    (explain, WRITE),
    (import_, WRITE),
    (replay, PROVE),
    (simulate, PROVE),
):
    app.command(module.NAME, epilog=module.EPILOG, rich_help_panel=panel)(module.command)
for group, panel in (
    (topics, RUN),
    (dead_letters, LOOK),
    (silence, RUN),
    (shadow, LOOK),
    (schedule, LOOK),
    (runbook, WRITE),
    (library, WRITE),
    (schema, RUN),
    (evaluate, PROVE),
):
    app.add_typer(group.app, rich_help_panel=panel)
app.command("pause", epilog=pause.PAUSE_EPILOG, rich_help_panel=RUN)(pause.pause)
app.command("resume", epilog=pause.RESUME_EPILOG, rich_help_panel=RUN)(pause.resume)
app.command(version.NAME, epilog=version.EPILOG, rich_help_panel=RUN)(version.command)


def flowing(text: str) -> str:
    """Give a docstring's paragraphs as one line each: the terminal wraps them, not the source."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in cleandoc(text).split("\n\n"))


def _let_help_flow(group: typer.Typer) -> None:
    for info in group.registered_commands:
        info.help = flowing(info.callback.__doc__ or "") if info.callback else info.help
    for nested in group.registered_groups:
        if nested.typer_instance is not None:
            _let_help_flow(nested.typer_instance)


_let_help_flow(app)
