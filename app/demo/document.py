"""What `oncall demo --once --json` prints: one document."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from rich.console import Console

from app.core.slo import Promise
from app.demo.audience import Audience
from app.demo.report import promises, shown_review
from app.demo.shown import FEATURES
from app.demo.verdict import Verdict, resolved_for
from app.model.execution import Execution, StepRun


def document(verdicts: Sequence[Verdict], audience: Audience, problems: Sequence[str]) -> dict[str, Any]:
    """Give the whole as one JSON-like document.

    `shown` maps each feature to where it is to be seen, and to null where it is not.
    """
    return {
        "ok": not problems,
        "problems": list(problems),
        "shown": _shown(verdicts),
        "review": _review(verdicts, audience),
        "incidents": [_entry(verdict, audience) for verdict in verdicts],
        "pages": _pages(audience),
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
        "resolved_for": resolved_for(audience.events.get(incident.id, ())),
        "alerts": incident.alert_count,
        "runbook": incident.runbook_id or None,
        "why": incident.runbook_reason,
        "executions": [_execution(run) for run in incident.executions],
        "paged_for": list(dict.fromkeys(page.reason for page in incident.escalations)),
        "acknowledged": incident.acknowledged_at is not None,
        "mitigated": incident.mitigated_at is not None,
        "reopened": incident.reopened,
        "refs": incident.refs,
        "seconds": (incident.resolved_at - incident.opened_at).total_seconds()
        if incident.resolved_at
        else None,
    }


def _execution(run: Execution) -> dict[str, Any]:
    return {
        "id": run.id,
        "runbook": run.runbook_id,
        "mode": run.mode.value,
        "status": run.status.value,
        "reason": run.reason,
        "requested_by": run.requested_by,
        "used_by": {"execution": run.parent_id, "step": run.parent_step} if run.parent_id else None,
        "steps": [_step(step, run) for step in run.steps],
    }


def _step(step: StepRun, run: Execution) -> dict[str, Any]:
    """Give a step; its times are seconds since its execution began."""
    times = {"started": step.started_at, "ended": step.ended_at}
    return {
        "step": step.step,
        "phase": step.phase.value,
        "status": step.status.value,
        "reason": step.reason,
        "detail": step.detail,
        "attempt": step.attempt,
        "approved_by": step.approved_by,
        **{name: (at - run.started_at).total_seconds() if at else None for name, at in times.items()},
    }


def _shown(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    found: dict[str, Any] = dict.fromkeys(FEATURES)
    for verdict in verdicts:
        for feature, shown in verdict.shown.items():
            found[feature] = {
                "story": verdict.story.id if verdict.story else None,
                "incident": shown.incident_id,
                "execution": shown.execution_id,
                "runbook": shown.runbook,
                "step": shown.step,
                "how": shown.how,
            }
    return found


def _review(verdicts: Sequence[Verdict], audience: Audience) -> dict[str, Any] | None:
    """Give the review that the scenario shows, whole."""
    review = shown_review(verdicts, audience)
    if review is None:
        return None
    return {
        "incident": review.incident_id,
        "path": review.path,
        "revision": review.revision,
        "op": review.op,
        "body": review.body,
    }


def _pages(audience: Audience) -> dict[str, Any]:
    """Give what each page has earned by the end."""
    return {
        name: {
            "good_runs": each.good_runs,
            "runs_needed": each.runs_needed,
            "recent_failures": each.recent_failures,
            "breaker_open": each.breaker_open,
            "reason": each.reason,
        }
        for name, each in sorted(audience.standings.items())
        if name
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
