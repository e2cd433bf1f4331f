"""The post-incident summary, in Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.core.suspects import ranked
from app.model.evidence import Change, Suspect
from app.model.execution import Execution
from app.model.incident import Incident
from app.model.runbook import FollowUp, Runbook


def review(incident: Incident, pages: Sequence[Runbook]) -> str:
    """Write what happened, what was tried, how long it took and what is left to do."""
    parts = [
        f"# {incident.title}",
        _facts(incident),
        *(["## Probable root"] if incident.root_reasons else []),
        *(["\n".join(f"- {reason}" for reason in incident.root_reasons)] if incident.root_reasons else []),
        "## Figures",
        _figures(incident),
        "## What was tried",
        "\n".join(_execution(run) for run in incident.executions)
        or f"No runbook ran ({incident.runbook_reason}).",
        "## Suspected changes",
        "\n".join(_change(change, suspect) for change, suspect in ranked(incident)) or "None known.",
        "## Timeline (UTC)",
        "\n".join(
            f"- {e.at:%Y-%m-%d %H:%M:%S} {e.type} ({e.reason}) {e.text}".rstrip() for e in incident.timeline
        ),
        "## Follow-up",
        "\n".join(
            f"- [ ] {task.text}{_facts_of(task, incident)}" for page in pages for task in page.follow_ups
        )
        or "Nothing noted.",
    ]
    return "\n\n".join(parts) + "\n"


def _change(change: Change, suspect: Suspect | None) -> str:
    moment = change.happened_at or change.at
    line = f"- {moment:%H:%M:%S} {change.type} {change.service}: {change.summary or change.subject}"
    return f"{line} ({suspect.score:.2f}: {'; '.join(suspect.reasons)})" if suspect else line


def _facts(incident: Incident) -> str:
    facts = (
        ("Incident", incident.id),
        ("Status", f"{incident.status} ({incident.reason})"),
        ("Severity", incident.severity.value),
        ("Service", incident.service or "unknown"),
        ("Environment", incident.environment),
        ("Team", incident.team or "unknown"),
        ("Runbook", f"{incident.runbook_id or 'none'} ({incident.runbook_reason})"),
        ("Alerts", f"{'about ' if incident.approximate else ''}{incident.alert_count}"),
        ("Responders", ", ".join(incident.responders) or "none"),
    )
    return "\n".join(f"- **{name}**: {value}" for name, value in facts)


def _figures(incident: Incident) -> str:
    figures = (
        ("Time to acknowledge", incident.acknowledged_at),
        ("Time to mitigate", incident.mitigated_at),
        ("Time to resolve", incident.resolved_at),
    )
    return "\n".join(f"- {name}: {_since(incident.opened_at, moment)}" for name, moment in figures)


def _since(start: datetime, end: datetime | None) -> str:
    if end is None:
        return "did not happen"
    return str(timedelta(seconds=round((end - start).total_seconds())))


def _execution(run: Execution) -> str:
    lines = [f"- {run.runbook_id}: {run.status}{f' ({run.reason})' if run.reason else ''}"]
    lines += [
        f"  - {step.phase.value} `{step.step}`: {step.status}"
        f"{f' ({step.reason})' if step.reason else ''}{f', attempt {step.attempt}' if step.attempt > 1 else ''}"
        for step in run.steps
    ]
    return "\n".join(lines)


def _facts_of(task: FollowUp, incident: Incident) -> str:
    """Who is to do a task, and by when; `owner=service` is who owns the incident's service."""
    owner = (incident.team or incident.service) if task.owner == "service" else task.owner
    due = (incident.resolved_at or incident.opened_at) + task.due if task.due is not None else None
    facts = [*([owner] if owner else []), *([f"due {due:%Y-%m-%d}"] if due else [])]
    return f" ({', '.join(facts)})" if facts else ""
