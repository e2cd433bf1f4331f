"""`oncall topics`."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli import out
from app.cli.errors import FINDING, tell
from app.cli.options import Json, Prefix, Servers, examples, settings_of

app = typer.Typer(
    name="topics",
    help="Make the service's topics, and check them.",
    no_args_is_help=True,
    epilog=examples("oncall topics create --partitions 12 --replication 3", "oncall topics check"),
)

Partitions = Annotated[
    int | None,
    typer.Option(min=1, help="Partitions of each topic, for ever. [dim]ONCALL_PARTITIONS; 4[/dim]"),
]
Replication = Annotated[
    int | None, typer.Option(min=1, help="Replicas of each partition. [dim]ONCALL_REPLICATION; 1[/dim]")
]


@app.command(
    epilog=examples("oncall topics create --partitions 12 --replication 3 -b kafka-1:9092,kafka-2:9092")
)
def create(
    *,
    partitions: Partitions = None,
    replication: Replication = None,
    as_json: Json = False,
    bootstrap_servers: Servers = None,
    topic_prefix: Prefix = None,
) -> None:
    """Make the topics that are missing, with the partitions, retention, cleanup and sizes they need.

    Those that are there are left as they are: `oncall topics check` says what is wrong with them.
    Choose the partitions well: they can never be changed, since incidents are where their domain's partition is.
    """
    from app.connectors.kafka import topics_of
    from app.stream.topics import create_topics, specs

    settings = settings_of(
        bootstrap_servers=bootstrap_servers,
        topic_prefix=topic_prefix,
        partitions=partitions,
        replication=replication,
    )
    topics_of(settings.bootstrap_servers)  # says within 10 s if nobody is there
    if settings.embedded:
        tell("the embedded broker makes topics by itself, on first use")
        return
    made = create_topics(settings)
    there = len(specs(settings)) - len(made)
    if as_json:
        out.document({"created": sorted(made), "already_there": there})
        return
    for name in sorted(made):
        print(name)
    tell(f"{len(made)} topics made, {there} were there")


@app.command(epilog=examples("oncall topics check && oncall worker"))
def check(
    *,
    partitions: Partitions = None,
    replication: Replication = None,
    as_json: Json = False,
    bootstrap_servers: Servers = None,
    topic_prefix: Prefix = None,
) -> None:
    """Check that every topic is there and is as it must be; exit code 1 if one is not, with the mend."""
    from app.connectors.kafka import topics_of
    from app.stream.topics import check_topics

    settings = settings_of(
        bootstrap_servers=bootstrap_servers,
        topic_prefix=topic_prefix,
        partitions=partitions,
        replication=replication,
    )
    topics_of(settings.bootstrap_servers)
    problems = [] if settings.embedded else check_topics(settings)
    if as_json:
        out.document(
            {"problems": [{"topic": p.topic, "message": p.message, "mend": p.mend} for p in problems]}
        )
    else:
        for problem in problems:
            print(problem)
        tell(f"{len(problems)} problems" if problems else "all topics are as they must be")
    if problems:
        raise typer.Exit(FINDING)
