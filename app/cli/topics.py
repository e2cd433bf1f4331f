"""`oncall topics`."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli import out
from app.cli.errors import FINDING, CommandError, tell
from app.cli.options import Json, Prefix, Servers, examples, settings_of

app = typer.Typer(
    name="topics",
    help="Make the service's topics, check them, and say who needs which rights on them.",
    no_args_is_help=True,
    epilog=examples(
        "oncall topics create --partitions 12 --replication 3", "oncall topics check", "oncall topics acls"
    ),
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


@app.command(
    epilog=examples(
        "oncall topics acls", "oncall topics acls oncall-worker --commands", "oncall topics acls --json | jq"
    )
)
def acls(
    role: Annotated[
        str | None, typer.Argument(metavar="[ROLE]", help="One of them: oncall-worker, oncall-audit, ...")
    ] = None,
    *,
    as_commands: Annotated[
        bool, typer.Option("--commands", help="As lines of kafka-acls.sh, each role a principal of its name.")
    ] = False,
    principal: Annotated[
        str | None, typer.Option(metavar="NAME", help="The principal, in place of the role's name.")
    ] = None,
    as_json: Json = False,
    app_id: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The service's group. [dim]ONCALL_APP_ID; oncall[/dim]"),
    ] = None,
    bootstrap_servers: Servers = None,
    topic_prefix: Prefix = None,
) -> None:
    """Print the least rights that workers, connectors, producers and people need at the brokers. Kafka is not asked.

    Everybody has a principal of their own, so that none can do another's work.
    """
    from dataclasses import asdict, replace

    from app.cli.acls import lines
    from app.stream.acls import commands, roles

    settings = settings_of(app_id=app_id, bootstrap_servers=bootstrap_servers, topic_prefix=topic_prefix)
    every = roles(settings)
    chosen = [each for each in every if role in (None, each.name)]
    if not chosen:
        raise CommandError(f"there is no role {role}; there are {', '.join(each.name for each in every)}")
    named = [replace(each, name=principal) if principal else each for each in chosen]
    if as_json:
        out.document({"roles": [asdict(each) for each in named]})
    elif as_commands:
        for each in named:
            print(f"# {each.name}: {each.what}")
            print("\n".join(commands(each, settings.bootstrap_servers)))
    else:
        print("\n".join(lines(named)))
