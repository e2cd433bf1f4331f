"""`oncall standings`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from app.cli import out
from app.cli.options import Json, Prefix, Servers, examples, settings_of
from app.cli.pause import in_words

if TYPE_CHECKING:
    from app.model.commands import Standing

NAME = "standings"
EPILOG = examples("oncall standings", "oncall standings --json | jq '.pages[] | select(.breaker_open)'")


def command(*, as_json: Json = False, bootstrap_servers: Servers = None, topic_prefix: Prefix = None) -> None:
    """Show how automation stands: whether it is paused, and what each page has earned or lost."""
    from app.connectors.standings import AUTOMATION, read_standings

    settings = settings_of(bootstrap_servers=bootstrap_servers, topic_prefix=topic_prefix)
    found = read_standings(settings)
    automation = found.pop(AUTOMATION, None)
    pages = [found[name] for name in sorted(found)]
    if as_json:
        shown = automation.model_dump(mode="json") if automation else None
        out.document({"automation": shown, "pages": [page.model_dump(mode="json") for page in pages]})
        return
    now = datetime.now(UTC)
    columns = ("PAGE", "GOOD RUNS", "NEEDED", "FAILURES OF LATE", "BREAKER", "VERIFICATION FAILED", "WHY")
    print(in_words(automation) if automation else "automation is at work; it was never paused")
    if pages:
        out.table(columns, (_row(page, now) for page in pages))


def _row(page: Standing, now: datetime) -> tuple[str, ...]:
    until = page.breaker_open_until
    is_open = page.breaker_open and (until is None or now < until)
    failed = page.failed_verification_at
    return (
        page.runbook_id,
        str(page.good_runs),
        str(page.runs_needed) if page.runs_needed else "-",
        str(page.recent_failures),
        f"open until {until:%H:%M:%S}" if is_open and until else "open" if is_open else "closed",
        f"{failed:%Y-%m-%d %H:%M:%S}" if failed else "-",
        page.reason,
    )
