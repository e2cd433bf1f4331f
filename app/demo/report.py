"""What `oncall demo --once` says in the end: a table for people, or one JSON document."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from app.core.slo import Promise, measure
from app.demo.audience import Audience
from app.demo.verdict import Verdict
from app.model.incident import IncidentSnapshot

_STEP_MARK = {
    "succeeded": "✓",
    "failed": "✗",
    "timed_out": "⧖",
    "unknown": "?",
    "skipped": "-",
    "cancelled": "◌",
}
LEGEND = "steps: ✓ succeeded  ✗ failed  ⧖ timed out  ? unknown  - skipped  ◌ cancelled  *n attempts"


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
    counts = ", ".join(f"{len(ids)} {topic}" for topic, ids in audience.commands.items())
    console.print(f"Commands: {counts}. Dead letters: {len(audience.dead_letters)}.")
    for promise in promises(verdicts):
        console.print(f"{promise.text}: {_share(promise)}")


def document(verdicts: Sequence[Verdict], audience: Audience, problems: Sequence[str]) -> dict[str, Any]:
    """Give the whole as one JSON-like document."""
    return {
        "ok": not problems,
        "problems": list(problems),
        "incidents": [_entry(verdict, audience) for verdict in verdicts],
        "commands": {topic: len(ids) for topic, ids in audience.commands.items()},
        "dead_letters": [
            {"topic": each.topic, "reason": each.reason, "field": each.field, "detail": each.detail}
            for each in audience.dead_letters.values()
        ],
        "slo": [_promise(promise) for promise in promises(verdicts)],
    }


def print_document(content: dict[str, Any], console: Console) -> None:
    """Print the document and nothing else, uncoloured and unwrapped."""
    console.file.write(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    console.file.flush()


def promises(verdicts: Sequence[Verdict]) -> list[Promise]:
    """Measure the four promises over the incidents of the demo."""
    return measure([each.incident for each in verdicts if each.incident is not None], datetime.now(UTC))


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
    steps = [step for run in incident.executions for step in run.steps]
    return "  ".join(
        f"{_STEP_MARK.get(step.status.value, '…')} {step.step}{f' *{step.attempt}' if step.attempt > 1 else ''}"
        for step in steps
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
        f"resolved ({audience.resolved_for.get(incident.id, '')})" if incident.resolved_at else "open"
    )
    return ", ".join(words)


def _seconds(incident: IncidentSnapshot) -> str:
    if incident.resolved_at is None:
        return ""
    return f"{(incident.resolved_at - incident.opened_at).total_seconds():.1f} s"


def _entry(verdict: Verdict, audience: Audience) -> dict[str, Any]:
    story, incident = verdict.story, verdict.incident
    head: dict[str, Any] = {
        "story": story.id if story else None,
        "tells": story.tells if story else None,
        "ok": not verdict.differences,
        "differences": list(verdict.differences),
    }
    if incident is None:
        return {**head, "id": None}
    return {
        **head,
        "id": incident.id,
        "domain": incident.domain,
        "title": incident.title,
        "severity": incident.severity.value,
        "status": incident.status.value,
        "resolved_for": audience.resolved_for.get(incident.id, ""),
        "alerts": incident.alert_count,
        "runbook": incident.runbook_id or None,
        "why": incident.runbook_reason,
        "steps": [
            {"step": step.step, "status": step.status.value, "reason": step.reason, "attempt": step.attempt}
            for run in incident.executions
            for step in run.steps
        ],
        "paged_for": list(dict.fromkeys(page.reason for page in incident.escalations)),
        "acknowledged": incident.acknowledged_at is not None,
        "mitigated": incident.mitigated_at is not None,
        "reopened": incident.reopened,
        "refs": incident.refs,
        "seconds": (incident.resolved_at - incident.opened_at).total_seconds()
        if incident.resolved_at
        else None,
    }


def _promise(promise: Promise) -> dict[str, Any]:
    return {
        "name": promise.name,
        "text": promise.text,
        "numerator": promise.numerator,
        "denominator": promise.denominator,
        "value": promise.value,
        "target": promise.target,
        "met": promise.met,
        "window": {"start": promise.window.start.isoformat(), "end": promise.window.end.isoformat()},
        "note": promise.note,
        "facts": promise.facts,
    }


def _share(promise: Promise) -> str:
    if promise.value is None:
        return promise.note
    return f"{promise.value:.0%} ({promise.numerator} of {promise.denominator}; target {promise.target:.0%})"
