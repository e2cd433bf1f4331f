"""`oncall ack`."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import out
from app.cli.asking import actor_of
from app.cli.errors import FINDING, CommandError, tell
from app.cli.options import Json, Prefix, Reason, Servers, Who, examples, settings_of

if TYPE_CHECKING:
    from app.model.matchers import Matcher

NAME = "ack"
EPILOG = examples(
    "oncall ack --match 'service=\"cart\"' --dry-run",
    'oncall ack --match \'severity=~"warning|info"\' --match \'cluster="eu"\' --reason "planned work"',
)


def command(  # the options of a command
    *,
    match: Annotated[
        list[str] | None,
        typer.Option(
            "--match", metavar="MATCHER", help="Which incidents; given several times, all must hold."
        ),
    ] = None,
    reason: Reason = "",
    who: Who = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say which, and change nothing.")] = False,
    request_id: Annotated[
        str, typer.Option("--id", metavar="ID", help="The request's id: sent again with it, it counts once.")
    ] = "",
    as_json: Json = False,
    bootstrap_servers: Servers = None,
    topic_prefix: Prefix = None,
) -> None:
    """Acknowledge all open incidents that matchers match: whoever is rung for them is rung no more.

    Matchers look at the labels common to all alerts of an incident, and at its service, team, environment, severity and domain. Each
    incident gets a response of its own; those opened later are not meant. Exit code 1 if there is none.
    """
    from app.connectors.incidents import read_open, respond
    from app.core.bulk import acknowledgements, unacknowledged

    matchers = _matchers(match)
    settings = settings_of(bootstrap_servers=bootstrap_servers, topic_prefix=topic_prefix)
    actor = actor_of(who)
    found = unacknowledged(read_open(settings), matchers)
    request_id = request_id or f"cli-{uuid.uuid4()}"
    if found and not dry_run:
        respond(settings, acknowledgements(found, request_id, actor, reason, datetime.now(UTC)))
    rows = [(each.id, each.severity.value, each.service or "-", each.title) for each in found]
    if as_json:
        ids = [each.id for each in found]
        out.document({"id": request_id, "sent": bool(found) and not dry_run, "incidents": ids})
    elif rows:
        out.table(("INCIDENT", "SEVERITY", "SERVICE", "TITLE"), rows)
    if not found:
        raise CommandError("no open incident that nobody has acknowledged matches", code=FINDING)
    tell(f"{len(found)} {'would be' if dry_run else 'is' if len(found) == 1 else 'are'} acknowledged")


def _matchers(lines: list[str] | None) -> list[Matcher]:
    from app.model.matchers import MatcherError, doubled, parse_matcher

    if not lines:
        raise CommandError("say which incidents: --match 'service=\"cart\"'")
    for line in lines:
        if (meant := doubled(line)) is not None:
            raise CommandError(f"--match: {line!r} would match nothing; write it as {meant}")
    try:
        return [parse_matcher(line) for line in lines]
    except MatcherError as error:
        raise CommandError(f"--match: {error}") from error
