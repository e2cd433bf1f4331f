"""`oncall page --test`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import out
from app.cli.asking import for_control
from app.cli.errors import FINDING, CommandError, tell
from app.cli.options import Json, Prefix, Servers, Who, Within, examples, settings_of

if TYPE_CHECKING:
    from app.model.standings import Standing, TriedWay

NAME = "page"
EPILOG = examples("oncall page --test alice", "oncall page --test alice --within 120 --json")
ACKNOWLEDGED = "test_page_acknowledged"


def command(
    person: Annotated[str, typer.Argument(help="The person's id in the library.")],
    *,
    test: Annotated[
        bool, typer.Option("--test", help="It is a test: people are paged in earnest by incidents only.")
    ] = False,
    who: Who = None,
    within: Within = 60,
    as_json: Json = False,
    bootstrap_servers: Servers = None,
    topic_prefix: Prefix = None,
) -> None:
    """Page a person for a test, in every way they have, and say what became of each until it is acknowledged or time is up.

    It goes the road of all pages: by the domain `control` to the pagers' connectors, marked as a test. Exit code 1 where a way failed, or its connector said
    nothing.
    """
    from app.connectors.errors import OutsideError
    from app.connectors.standings import NoAnswerError, ask, read_standings
    from app.core.escalation.trial import STANDING
    from app.model.words import ResponseKind

    if not test:
        raise CommandError("only test pages are made by hand; say --test")
    settings = settings_of(bootstrap_servers=bootstrap_servers, topic_prefix=topic_prefix)
    name = person.removeprefix("@").removeprefix("user:")
    response = for_control(ResponseKind.PAGE_TEST, who, "").model_copy(update={"target": name})
    before = read_standings(settings).get(f"{STANDING}{name}")
    tell(f"a test page for {name}; waiting {within:.0f} s at most")
    try:
        standing = ask(settings, response, f"{STANDING}{name}", within, lambda it: it.reason == ACKNOWLEDGED)
    except NoAnswerError:
        found = read_standings(settings).get(f"{STANDING}{name}")
        if found is None or (before is not None and found.version <= before.version):
            raise OutsideError(
                f"no worker sent a test page to {name} within {within:.0f} s",
                f"see that workers run and that the library in force has a person {name!r}; `oncall tail dead-letters` has why it was refused",
            ) from None
        standing = found
    _show(standing, as_json=as_json)
    if standing.reason != ACKNOWLEDGED and not all(_arrived(way) for way in standing.tried):
        raise CommandError("not every way is known to work", code=FINDING)


def _show(standing: Standing, *, as_json: bool) -> None:
    if as_json:
        out.document(standing.model_dump(mode="json"))
        return
    rows = (
        (
            each.channel or "-",
            each.contact_ref or "-",
            each.delivery.value or "nothing was heard",
            each.reason,
        )
        for each in standing.tried
    )
    out.table(("CHANNEL", "REFERENCE", "DELIVERY", "WHY"), rows)
    if standing.reason == ACKNOWLEDGED:
        print(f"acknowledged by {standing.by}")


def _arrived(way: TriedWay) -> bool:
    return way.delivery.value in ("accepted", "sent", "delivered")
