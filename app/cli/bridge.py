"""`oncall bridge`."""

from __future__ import annotations

import hashlib
import os
import threading
from typing import Annotated
from urllib.parse import urlsplit

import typer

from app.cli.errors import CommandError, tell
from app.cli.interrupt import until_interrupted
from app.cli.options import Prefix, Servers, examples, settings_of

NAME = "bridge"
SECRET = "ONCALL_BRIDGE_SECRET"  # noqa: S105  # the variable's name, not a secret
EPILOG = examples(
    "export ONCALL_BRIDGE_SECRET=...",
    "oncall bridge step-commands --to https://automation.example.com/oncall",
    "oncall bridge chat-commands.shadow --to http://localhost:9000/     # look before you leap",
)


def command(
    topic: Annotated[
        str, typer.Argument(help="A command topic, such as step-commands, or its .shadow twin.")
    ],
    to: Annotated[str, typer.Option("--to", metavar="URL", help="Where to POST each command.")],
    *,
    group: Annotated[
        str | None,
        typer.Option(
            help="The consumer group; bridges of one group share the commands. Default: by topic and URL."
        ),
    ] = None,
    tries: Annotated[
        int, typer.Option(min=0, help="After so many failed tries a command counts as refused; 0: try on.")
    ] = 0,
    unsigned: Annotated[
        bool, typer.Option("--unsigned", help=f"Do not sign, where {SECRET} is not set.")
    ] = False,
    until_empty: Annotated[
        bool, typer.Option("--until-empty", help="Bring what is there, then end.")
    ] = False,
    bootstrap_servers: Servers = None,
    topic_prefix: Prefix = None,
) -> None:
    """POST the commands of a topic to an HTTP endpoint: signed, each with its id as Idempotency-Key.

    Timeouts, 5xx, 408, 409, 425 and 429 are tried again (Retry-After is honoured); any other 4xx is final: the command goes
    to dead-letters and is answered `refused`. Commands past `not_after` are not sent, and answered `expired`. A 2xx
    whose body is a JSON object with `status` is passed on as the endpoint's answer. It resumes where it stopped.
    The endpoint's side of it is in docs/connectors.md.
    """
    from app.connectors.bridge import Bridge
    from app.connectors.endpoint import Endpoint
    from app.connectors.vocabulary import SHADOWS, topic_name
    from app.model.topics import COMMANDS

    settings = settings_of(bootstrap_servers=bootstrap_servers, topic_prefix=topic_prefix)
    name = topic_name(topic, settings.topic_prefix, among=(*COMMANDS, *SHADOWS))
    endpoint = Endpoint(to, _secret(unsigned=unsigned), say=tell, tries=tries)
    members = group or f"{settings.app_id}-bridge-{name}-{_short(to)}"
    stop = threading.Event()
    tell(f"from {name} to {to} as group {members}; Ctrl-C ends it")
    try:
        with until_interrupted(stop):
            tally = Bridge(settings, name, endpoint, group=members, say=tell).run(
                stop, until_empty=until_empty
            )
    finally:
        endpoint.close()
    tell(
        f"{tally.delivered} delivered, {tally.refused} refused, {tally.expired} expired, {tally.repeated} repeats dropped,"
        f" {tally.unreadable} unreadable; {tally.answers} answers passed on"
    )


def _secret(*, unsigned: bool) -> str | None:
    secret = os.environ.get(SECRET)
    if not secret and not unsigned:
        raise CommandError(f"{SECRET} is not set, so commands cannot be signed; set it, or say --unsigned")
    return secret or None


def _short(url: str) -> str:
    # Without query and credentials: a new token there is still the same endpoint.
    parts = urlsplit(url)
    where = f"{parts.scheme}://{parts.hostname}:{parts.port}{parts.path}"
    return hashlib.sha256(where.encode()).hexdigest()[:8]
