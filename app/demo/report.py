"""What `oncall demo --once` says to people in the end: how each incident went, and where what is to be seen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from app.core.slo import Promise, measure
from app.demo.audience import Audience
from app.demo.shown import step_paths
from app.demo.verdict import Verdict, resolved_for
from app.model.commands import DocumentCommand
from app.model.incident import IncidentSnapshot

_STEP_MARK = {
    "succeeded": "✓",
    "failed": "✗",
    "timed_out": "⧖",
    "unknown": "?",
    "skipped": "»",
    "cancelled": "◌",
    "rolled_back": "↶",
}
_REVIEW_LINES = 32
LEGEND = (
    "steps: ✓ succeeded  ✗ failed  ⧖ timed out  ? unknown  » skipped  ◌ cancelled  ↶ rolled back  *n attempts"
    "  a/b step b of the runbook that a uses"
)


def print_table(verdicts: Sequence[Verdict], audience: Audience, console: Console) -> None:
    """Print how each incident ended, and what else there is to know."""
    table = Table(title="How the hour went", title_justify="left", show_lines=False)
    for name, justify in (("incident", "left"), ("alerts", "right"), ("runbook", "left"), ("why", "left")):
        table.add_column(name, justify="right" if justify == "right" else "left", overflow="fold")
    for name in ("steps", "outcome"):
        table.add_column(name, overflow="fold")
    table.add_column("time", justify="right")
    for verdict in verdicts:
        table.add_row(*_row(verdict, audience), style="red" if verdict.differences else "")
    console.print(table)
    console.print(LEGEND, style="dim")
    console.print(_shown_table(verdicts))
    _print_review(shown_review(verdicts, audience), console)
    counts = ", ".join(f"{len(ids)} {topic}" for topic, ids in audience.commands.items())
    console.print(f"Commands: {counts}. Dead letters: {len(audience.dead_letters)}.")
    for promise in promises(verdicts):
        console.print(f"{promise.text}: {_share(promise)}")


def promises(verdicts: Sequence[Verdict]) -> list[Promise]:
    """Measure the four promises over the incidents of the demo."""
    return measure([each.incident for each in verdicts if each.incident is not None], datetime.now(UTC))


def shown_review(verdicts: Sequence[Verdict], audience: Audience) -> DocumentCommand | None:
    """Give the review that the scenario shows; None where it is not to be seen."""
    for verdict in verdicts:
        if (shown := verdict.shown.get("review_written")) is not None:
            return audience.desks[shown.incident_id].review
    return None


def _print_review(review: DocumentCommand | None, console: Console) -> None:
    """Print the beginning of a review."""
    if review is None:
        return
    lines = review.body.splitlines()
    console.print(f"{review.path}, revision {review.revision}:", style="italic")
    for line in lines[:_REVIEW_LINES]:
        console.print(f"  {line}".rstrip(), markup=False)
    if len(lines) > _REVIEW_LINES:
        console.print(f"  … and {len(lines) - _REVIEW_LINES} lines more; all with --json", style="dim")


def _shown_table(verdicts: Sequence[Verdict]) -> Table:
    table = Table(title="What is to be seen, and where", title_justify="left", box=None, pad_edge=False)
    for name in ("", "incident", "step", "how"):
        table.add_column(name, overflow="fold")
    for verdict in verdicts:
        for feature, shown in verdict.shown.items():
            story = verdict.story.id if verdict.story else ""
            table.add_row(feature.replace("_", " "), story, shown.step, shown.how)
    return table


def _row(verdict: Verdict, audience: Audience) -> tuple[str, ...]:
    name = verdict.story.id if verdict.story else "(not in the scenario)"
    incident = verdict.incident
    if incident is None:
        return name, "", "", "", "", "; ".join(verdict.differences), ""
    return (
        name,
        str(incident.alert_count),
        incident.runbook_id or "none",
        incident.runbook_reason,
        _steps(incident),
        "; ".join(verdict.differences) or _outcome(incident, audience),
        _seconds(incident),
    )


def _steps(incident: IncidentSnapshot) -> str:
    """Give the steps, each as one word, so that no line breaks between a mark and its step."""
    return "  ".join(
        f"{_STEP_MARK.get(step.status.value, '…')}{path}{f'*{step.attempt}' if step.attempt > 1 else ''}"
        for path, step in step_paths(incident).items()
    )


def _outcome(incident: IncidentSnapshot, audience: Audience) -> str:
    words = []
    if incident.mitigated_at:
        words.append("mitigated")
    if incident.escalations:
        reasons = ", ".join(dict.fromkeys(page.reason for page in incident.escalations))
        words.append(f"paged ({reasons})")
    if incident.acknowledged_at:
        words.append("acknowledged")
    if incident.reopened:
        words.append("reopened")
    words.append(
        f"resolved ({resolved_for(audience.events.get(incident.id, ()))})" if incident.resolved_at else "open"
    )
    return ", ".join(words)


def _seconds(incident: IncidentSnapshot) -> str:
    if incident.resolved_at is None:
        return ""
    return f"{(incident.resolved_at - incident.opened_at).total_seconds():.1f} s"


def _share(promise: Promise) -> str:
    if promise.value is None:
        return promise.note
    return f"{promise.value:.0%} ({promise.numerator} of {promise.denominator}; target {promise.target:.0%})"
