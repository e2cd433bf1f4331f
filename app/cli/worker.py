"""`oncall worker`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import Folder, Prefix, Servers, examples, settings_of
from app.model.words import Mode

NAME = "worker"
EPILOG = examples(
    "oncall worker -b kafka-1:9092,kafka-2:9092 --runbooks ./runbooks --data-dir /var/lib/oncall",
    "oncall worker --mode shadow          # beside today's pager: everything is decided, nothing is sent in earnest",
    "oncall worker --data-dir ./two --web-port 8081     # a second one on the same machine",
)


def command(  # noqa: PLR0913  # the options of a command
    *,
    runbooks: Folder = None,
    data_dir: Annotated[
        Path | None,
        typer.Option(
            help="Its own folder for tables; no two workers share one. [dim]ONCALL_DATA_DIR; oncall-data[/dim]"
        ),
    ] = None,
    mode: Annotated[
        Mode | None,
        typer.Option(
            metavar="shadow|auto",
            help="The most that automation may do, whatever the library permits. [dim]ONCALL_MODE[/dim]",
        ),
    ] = None,
    web_host: Annotated[
        str | None, typer.Option(help="Where the web port listens. [dim]ONCALL_WEB_HOST; 127.0.0.1[/dim]")
    ] = None,
    web_port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="The web port; 0: a free one. [dim]ONCALL_WEB_PORT; 8080[/dim]"),
    ] = None,
    log_level: Annotated[
        str | None, typer.Option(help="debug, info, warning or error. [dim]ONCALL_LOG_LEVEL; info[/dim]")
    ] = None,
    app_id: Annotated[
        str | None,
        typer.Option(
            help="The consumer group; equal on all workers of one service. [dim]ONCALL_APP_ID; oncall[/dim]"
        ),
    ] = None,
    instance: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Its name in the group, the same after each restart: a quick restart moves no partitions."
            " [dim]ONCALL_INSTANCE[/dim]",
        ),
    ] = None,
    accept_loss: Annotated[
        bool,
        typer.Option(
            "--accept-loss",
            help="Go on where retention deleted messages before they were taken. [dim]ONCALL_ACCEPT_LOSS[/dim]",
        ),
    ] = False,
    embedded: Annotated[
        bool,
        typer.Option("--embedded", help="The broker is an `oncall broker`. [dim]ONCALL_EMBEDDED[/dim]"),
    ] = False,
    bootstrap_servers: Servers = None,
    topic_prefix: Prefix = None,
) -> None:
    """Run a worker: it takes its share of the partitions, decides, and sends commands. Run more of them to scale.

    Every option is a setting too, from the environment: docs/operating.md lists them all.
    """
    from app.worker import run

    settings = settings_of(
        runbooks=runbooks,
        data_dir=data_dir,
        mode=mode,
        web_host=web_host,
        web_port=web_port,
        log_level=log_level,
        app_id=app_id,
        instance=instance,
        accept_loss=accept_loss or None,
        embedded=embedded or None,
        bootstrap_servers=bootstrap_servers,
        topic_prefix=topic_prefix,
    )
    raise typer.Exit(run(settings))
