"""`oncall pause` and `oncall resume`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import out
from app.cli.asking import for_control
from app.cli.options import Json, Prefix, Reason, Servers, Who, Within, examples, settings_of

if TYPE_CHECKING:
    from app.model.standings import Standing
    from app.model.words import ResponseKind
    from app.settings import Settings

PAUSE_EPILOG = examples(
    'oncall pause --reason "the network is being rebuilt"',
    "oncall pause --as alice --json",
    "oncall resume                     # go on",
)
RESUME_EPILOG = examples(
    "oncall resume",
    "oncall resume --page pod-crash-looping   # close its breaker: it may act again",
)


def pause(  # the options of a command
    *,
    reason: Reason = "",
    who: Who = None,
    within: Within = 30,
    as_json: Json = False,
    bootstrap_servers: Servers = None,
    topic_prefix: Prefix = None,
) -> None:
    """Pause all automation: from now on no step that changes anything goes out, in any incident.

    What waits for a permit is cancelled and its people are paged; commands that went out are not called back. Diagnosis, pages, tickets
    and chat go on. Ends when the service says that it is paused.
    """
    from app.model.words import ResponseKind

    settings = settings_of(bootstrap_servers=bootstrap_servers, topic_prefix=topic_prefix)
    _show(_ask(settings, ResponseKind.PAUSE, reason, who, within), as_json=as_json)


def resume(  # the options of a command
    *,
    page: Annotated[
        str, typer.Option(metavar="ID", help="Not automation as a whole: trust this page again.")
    ] = "",
    reason: Reason = "",
    who: Who = None,
    within: Within = 30,
    as_json: Json = False,
    bootstrap_servers: Servers = None,
    topic_prefix: Prefix = None,
) -> None:
    """Let automation go on after a pause, or trust a page again whose breaker is open.

    Runs that the pause ended stay ended: `run` starts a page anew. Ends when the service says so.
    """
    from app.model.words import ResponseKind

    settings = settings_of(bootstrap_servers=bootstrap_servers, topic_prefix=topic_prefix)
    _show(_ask(settings, ResponseKind.RESUME, reason, who, within, page), as_json=as_json)


def in_words(standing: Standing) -> str:
    """Say whether automation is paused, since when, by whom and why."""
    by = f" by {standing.by}" if standing.by else ""
    why = f": {standing.text}" if standing.text else ""
    if standing.is_paused:
        return (
            f"automation is paused since {standing.paused_at or standing.at:%Y-%m-%d %H:%M:%S} UTC{by}{why}"
        )
    return f"automation is at work, resumed {standing.at:%Y-%m-%d %H:%M:%S} UTC{by}{why}"


def _ask(
    settings: Settings, kind: ResponseKind, reason: str, who: str | None, within: float, page: str = ""
) -> Standing:
    from app.connectors.standings import AUTOMATION, ask

    response = for_control(kind, who, reason, runbook_id=page)
    return ask(settings, response, f"page:{page}" if page else AUTOMATION, within)


def _show(standing: Standing, *, as_json: bool) -> None:
    if as_json:
        out.document(standing.model_dump(mode="json"))
    elif standing.runbook_id:
        print(f"{standing.runbook_id} is trusted again: no failure of it counts any more")
    else:
        print(in_words(standing))
