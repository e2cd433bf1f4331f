"""`oncall standings`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from app.cli import out
from app.cli.options import Json, Prefix, Servers, examples, settings_of
from app.cli.pause import in_words

if TYPE_CHECKING:
    from app.model.standings import MutedAlert, Standing

NAME = "standings"
EPILOG = examples("oncall standings", "oncall standings --json | jq '.pages[] | select(.breaker_open)'")


def command(*, as_json: Json = False, bootstrap_servers: Servers = None, topic_prefix: Prefix = None) -> None:
    """Show how things stand: whether automation is paused, what each page has earned or lost, and what is muted."""
    from app.connectors.standings import AUTOMATION, read_standings

    settings = settings_of(bootstrap_servers=bootstrap_servers, topic_prefix=topic_prefix)
    found = read_standings(settings)
    automation = found.pop(AUTOMATION, None)
    pages = [found[name] for name in sorted(found) if found[name].runbook_id]
    muted = [each.muted for _, each in sorted(found.items()) if each.muted and each.muted.count]
    if as_json:
        shown = automation.model_dump(mode="json") if automation else None
        out.document(
            {
                "automation": shown,
                "pages": [page.model_dump(mode="json") for page in pages],
                "muted": [each.model_dump(mode="json") for each in muted],
            }
        )
        return
    now = datetime.now(UTC)
    columns = ("PAGE", "GOOD RUNS", "NEEDED", "FAILURES OF LATE", "BREAKER", "VERIFICATION FAILED", "WHY")
    print(in_words(automation) if automation else "automation is at work; it was never paused")
    if pages:
        out.table(columns, (_row(page, now) for page in pages))
    for each in muted:
        more = f", and {each.beyond} more that are not held" if each.beyond else ""
        print(f"{each.domain}: {each.count} alerts are muted{more}")
        out.table(
            ("ALERT", "SERVICE", "SEVERITY", "BY", "SINCE", "UNTIL"), (_muted_row(a) for a in each.alerts)
        )


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


def _muted_row(alert: MutedAlert) -> tuple[str, ...]:
    until = f"{alert.until:%Y-%m-%d %H:%M:%S}" if alert.until else "-"
    name = alert.name or alert.fingerprint
    return name, alert.service, alert.severity.value, alert.by, f"{alert.since:%Y-%m-%d %H:%M:%S}", until
