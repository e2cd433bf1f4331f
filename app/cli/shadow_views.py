"""A report on shadow as people read it at a glance, and as one JSON document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from app.cli import out
from app.cli.errors import tell
from app.core.shadow.comparison import WHY_NOT, Compared, Outcome
from app.core.shadow.pages import OurPage, PagerPage
from app.core.shadow.recipients import Recipient
from app.core.shadow.report import Report, median
from app.core.shadow.runs import PageRuns
from app.model.durations import span
from app.model.words import Effect

SAME_TIME = timedelta(minutes=1)
"""Pages that are less than this apart came at the same time, for a person who looks."""
_ROWS, _TITLE = 40, 44
_ORDER = (Outcome.MISSED, Outcome.ADDED, Outcome.OURS, Outcome.BOTH)


def print_report(report: Report) -> None:
    """Print it for people: counts, then incidents (what is missed first), then runbooks."""
    console = out.console()
    span = f"{report.window.start:%Y-%m-%d %H:%M} to {report.window.end:%Y-%m-%d %H:%M} UTC"
    console.print(f"[bold]In shadow, {span}[/bold]\n")
    out.table(("PAGES", "", ""), _counts(report))
    if report.pages:
        print()
        lines = sorted(report.pages, key=lambda each: _ORDER.index(each.outcome))
        out.table(("WHEN", "WHAT", "INCIDENT", "PAGER", "WE", "TO", "WHY"), map(_incident_row, lines[:_ROWS]))
        if len(lines) > _ROWS:
            tell(f"{len(lines) - _ROWS} more incidents are in --json")
    if report.runbooks:
        print()
        out.table(
            (
                "RUNBOOK",
                "RUNS",
                "WOULD HAVE DONE",
                "RIGHT/WRONG/-",
                "INCIDENTS",
                "WE WOULD HAVE ACTED",
                "UNTIL AUTO",
            ),
            map(_runbook_row, report.runbooks),
        )
    if report.pager is None:
        tell("nothing to compare pages with: give an export of today's pager with --pager FILE")


def as_document(report: Report) -> dict[str, Any]:
    """Give it for scripts; times in RFC 3339, lengths in seconds."""
    return {
        "since": _at(report.window.start),
        "until": _at(report.window.end),
        "pager_pages": None if report.pager is None else len(report.pager),
        "pages": {
            **{outcome.value: report.count(outcome) for outcome in Outcome},
            "repeats": report.repeats,
            "live": report.live,
            "of_silence": report.of_silence,
            "earlier": _lengths(_earlier(report)),
            "later": _lengths(_later(report)),
            "to": {kind.value: _count(report, kind) for kind in Recipient},
        },
        "incidents": [_incident(line) for line in report.pages],
        "runbooks": [_runbook(page) for page in report.runbooks],
    }


def _counts(report: Report) -> Iterator[tuple[str, str, str]]:
    if report.pager is None:
        yield "we would page", str(report.count(Outcome.OURS)), "incidents"
    else:
        yield from _counts_beside(report, report.pager)
    if report.of_silence:
        words = "of our pages came of a step that nobody answers in shadow; live, they may come later or not at all"
        yield "by silence", str(report.of_silence), words


def _counts_beside(report: Report, pager: Sequence[PagerPage]) -> Iterator[tuple[str, str, str]]:
    at = [page.at for page in pager]
    spread = f"{min(at):%Y-%m-%d %H:%M} to {max(at):%Y-%m-%d %H:%M}" if at else "none within this time"
    yield "the pager sent", str(len(at)), spread
    yield "both paged", str(report.count(Outcome.BOTH)), _how_both(report)
    yield "missed", str(report.count(Outcome.MISSED)), "the pager paged, we would not have"
    yield "added", str(report.count(Outcome.ADDED)), "we would have paged, the pager did not"
    yield "repeats", str(report.repeats), "further pages of the pager for the same incidents"
    if report.live:
        yield (
            "live",
            str(report.live),
            "pages of the pager for incidents that are not in shadow: not compared",
        )
    took = [page.acknowledged_at - page.at for page in pager if page.acknowledged_at is not None]
    if took:
        yield "acknowledged", str(len(took)), f"by people, in the pager; median after {_words(median(took))}"


def _how_both(report: Report) -> str:
    earlier, later = _earlier(report), _later(report)
    same = report.count(Outcome.BOTH) - len(earlier) - len(later)
    said = [f"{len(earlier)} earlier (median {_words(median(earlier))})"] if earlier else []
    said += [f"{same} at the same time"] if same else []
    said += [f"{len(later)} later (median {_words(median(later))})"] if later else []
    words = {
        Recipient.SAME: "to the same person",
        Recipient.OTHER: "to another",
        Recipient.UNKNOWN: "cannot be told to whom",
    }
    who = [f"{count} {text}" for kind, text in words.items() if (count := _count(report, kind))]
    return f"we {', '.join(said)}; {', '.join(who)}" if said else ""


def _incident_row(line: Compared) -> Sequence[str]:
    return [
        f"{line.at:%m-%d %H:%M:%S}",
        _what(line),
        f"{line.incident.id[:8]} {_title(line)}" if line.incident else _title(line),
        f"{line.theirs.at:%H:%M:%S} {', '.join(line.theirs.to)}".strip() if line.theirs else "-",
        f"{line.ours.at:%H:%M:%S} {', '.join(line.ours.targets)}" if line.ours else "-",
        line.recipient.value if line.recipient else "",
        WHY_NOT.get(line.why_not, line.why_not) if line.why_not else line.ours.reason if line.ours else "",
    ]


def _what(line: Compared) -> str:
    if line.difference is None:
        return "would page" if line.outcome is Outcome.OURS else line.outcome.value
    if abs(line.difference) < SAME_TIME:
        return "same time"
    return f"{_words(abs(line.difference))} {'later' if line.difference > timedelta() else 'earlier'}"


def _title(line: Compared) -> str:
    title = line.incident.title if line.incident else line.theirs.title if line.theirs else ""
    return title if len(title) <= _TITLE else f"{title[: _TITLE - 3]}..."


def _runbook_row(page: PageRuns) -> Sequence[str]:
    done = [f"{each.action} x{each.times}{_effect(each.effect)}" for each in page.would]
    incidents = {run.incident.id: run for run in page.runs}
    over = sum(run.ended_at is not None for run in incidents.values())
    by_person = f", {page.by_person} by people" if page.by_person else ""
    return [
        page.runbook_id,
        str(len(page.runs)),
        ", ".join(done) or "nothing",
        f"{page.judged('right')} / {page.judged('wrong')} / {page.judged('')}",
        f"{over} of {len(incidents)} over{by_person}",
        _ahead(page),
        "; ".join(gap.words for gap in page.gaps) or "it may act alone",
    ]


def _effect(effect: Effect) -> str:
    return "" if effect is Effect.READ else f" ({effect})"


def _ahead(page: PageRuns) -> str:
    """Say how long before or after the end of the incidents the page would have acted."""
    ahead = [run.ahead for run in page.runs if run.ahead is not None]
    before, after = (
        [each for each in ahead if each >= timedelta()],
        [-each for each in ahead if each < timedelta()],
    )
    said = [f"{len(before)} before the end (median {_words(median(before))})"] if before else []
    said += [f"{len(after)} after it (median {_words(median(after))})"] if after else []
    never = sum(run.proposed_at is None for run in page.runs)
    said += [f"{never} never"] if never else []
    under_way = len(page.runs) - len(ahead) - never
    said += [f"{under_way} with no end yet"] if under_way > 0 else []
    return ", ".join(said)


def _incident(line: Compared) -> dict[str, Any]:
    incident = line.incident
    return {
        "outcome": line.outcome.value,
        "incident_id": incident.id if incident else None,
        "title": incident.title if incident else None,
        "service": incident.service if incident else None,
        "runbook_id": incident.runbook_id if incident else None,
        "ours": _ours(line.ours),
        "pager": _theirs(line.theirs),
        "seconds_later": line.difference.total_seconds() if line.difference is not None else None,
        "to": line.recipient.value if line.recipient else None,
        "match": line.match or None,
        "why_not": line.why_not or None,
        "repeats": line.repeats,
    }


def _ours(page: OurPage | None) -> dict[str, Any] | None:
    return {"at": _at(page.at), "to": list(page.targets), "reason": page.reason} if page else None


def _theirs(page: PagerPage | None) -> dict[str, Any] | None:
    if page is None:
        return None
    return {
        "id": page.id,
        "at": _at(page.at),
        "title": page.title,
        "service": page.service,
        "to": list(page.to),
        "acknowledged_at": _at(page.acknowledged_at),
        "resolved_at": _at(page.resolved_at),
    }


def _runbook(page: PageRuns) -> dict[str, Any]:
    return {
        "runbook_id": page.runbook_id,
        "runs": [
            {
                "execution_id": run.execution.id,
                "incident_id": run.incident.id,
                "started_at": _at(run.execution.started_at),
                "status": run.execution.status.value,
                "feedback": run.incident.feedback or None,
                "would_act_at": _at(run.proposed_at),
                "incident_over_at": _at(run.ended_at),
                "seconds_ahead": run.ahead.total_seconds() if run.ahead is not None else None,
            }
            for run in page.runs
        ],
        "would": [
            {"action": each.action, "effect": each.effect.value, "times": each.times} for each in page.would
        ],
        "feedback": {"right": page.judged("right"), "wrong": page.judged("wrong"), "none": page.judged("")},
        "incidents_resolved_by_people": page.by_person,
        "good_runs": page.good_runs,
        "runs_needed": page.runs_needed,
        "until_auto": [{"reason": gap.reason, "words": gap.words} for gap in page.gaps],
    }


def _earlier(report: Report) -> list[timedelta]:
    return [-each for each in _differences(report) if each <= -SAME_TIME]


def _later(report: Report) -> list[timedelta]:
    return [each for each in _differences(report) if each >= SAME_TIME]


def _differences(report: Report) -> list[timedelta]:
    return [line.difference for line in report.pages if line.difference is not None]


def _count(report: Report, kind: Recipient) -> int:
    return sum(line.recipient is kind for line in report.pages)


def _lengths(lengths: Iterable[timedelta]) -> dict[str, Any]:
    listed = list(lengths)
    middle = median(listed)
    return {"count": len(listed), "median_seconds": middle.total_seconds() if middle is not None else None}


def _words(length: timedelta | None) -> str:
    return span(length or timedelta())


def _at(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z") if moment else None
