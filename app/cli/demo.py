"""`oncall demo`."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.options import examples

NAME = "demo"
EPILOG = examples(
    "oncall demo --once",
    "oncall demo --once --json > demo.json",
    "oncall demo        # then open the address it prints",
)


def command(
    *,
    once: Annotated[
        bool,
        typer.Option(
            "--once", help="End when all is settled; exit code 0 if every incident ended as it should."
        ),
    ] = False,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="With --once: print one document (shown, review, incidents, pages, commands, dead_letters, slo).",
        ),
    ] = False,
) -> None:
    """Watch an estate have a bad hour in about a minute: alerts, incidents, runbooks, pages, on this machine alone.

    An embedded broker, one worker, and simulators of monitoring, executors and people, all ordinary Kafka clients.
    Without --once it goes on until Ctrl-C, with the web pages up.
    """
    from app.demo.runner import run_demo

    raise typer.Exit(run_demo(once=once, as_json=as_json))
