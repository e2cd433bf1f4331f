"""The names that expressions may use: `incident`, `trigger`, `steps`, `inputs`, and where they make sense `item`, `index`, `output`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from app.model.base import Values
from app.model.evidence import AlertView
from app.model.execution import Execution, StepRun
from app.model.incident import IncidentSnapshot
from app.model.words import AlertStatus, Mode, Severity, Urgency


def context_of(
    incident: IncidentSnapshot,
    execution: Execution | None,
    run: StepRun | None = None,
    output: Values | None = None,
) -> dict[str, Any]:
    """Give JSON-like values for expressions; without an execution the first alert is the trigger and no step is known.

    `run` is the step that asks: one of a `foreach` sees its item. `output` is what an executor answered, for `outputs` and probes.
    """
    trigger = execution.trigger if execution else (incident.alerts[0] if incident.alerts else None)
    names: dict[str, Any] = {
        "incident": _incident(incident),
        "trigger": _alert(trigger) if trigger else {"labels": {}, "annotations": {}},
        "steps": steps_of(execution) if execution else {},
        "inputs": dict(execution.inputs) if execution else {},
    }
    if run is not None and (index := index_of(run.step)) is not None:
        names |= {"item": _of_item(run, execution), "index": index}
    if output is not None:
        names["output"] = dict(output)
    return names


def steps_of(execution: Execution) -> dict[str, Any]:
    """Give the steps as expressions see them; those of a `foreach` are the `items` of their step."""
    given: dict[str, Any] = {}
    for run in execution.steps:
        base, index = base_of(run.step), index_of(run.step)
        if run.step == base:
            given[base] = {**_outcome(run), "items": []}
        elif index is not None and "." not in run.step:
            given[base]["items"].append({"item": run.item, **_outcome(run)})
    return given


def base_of(step_id: str) -> str:
    """Give the page's step of a run: `restart` of `restart[2].probe`."""
    return step_id.partition(".")[0].partition("[")[0]


def index_of(step_id: str) -> int | None:
    """Give which one of a `foreach` a run is; None where it is none."""
    name = step_id.partition(".")[0]
    return int(name[name.index("[") + 1 : -1]) if name.endswith("]") else None


def known_fields() -> dict[str, list[str]]:
    """Give the fields right under `incident` and `trigger`, by name of what bears them."""
    alert = AlertView(fingerprint="", name="", status=AlertStatus.FIRING, severity=Severity.INFO, labels={})
    incident = IncidentSnapshot(
        id="",
        domain="",
        title="",
        severity=Severity.INFO,
        urgency=Urgency.LOW,
        mode=Mode.SHADOW,
        opened_at=datetime(2026, 1, 1, tzinfo=UTC),
        alerts=[alert],
    )
    names = context_of(incident, None)
    return {name: sorted(names[name]) for name in ("incident", "trigger")}


def _of_item(run: StepRun, execution: Execution | None) -> Any:
    """Give the item of a run, also of its probe or compensation."""
    name = run.step.partition(".")[0]
    runs = execution.steps if execution else []
    return next((each.item for each in runs if each.step == name), run.item)


def _outcome(run: StepRun) -> dict[str, Any]:
    return {
        "status": run.status.value,
        "reason": run.reason,
        "output": dict(run.output),
        "outputs": dict(run.outputs),
    }


def _incident(incident: IncidentSnapshot) -> dict[str, Any]:
    return {
        "id": incident.id,
        "title": incident.title,
        "status": incident.status.value,
        "severity": incident.severity.value,
        "service": incident.service,
        "team": incident.team,
        "environment": incident.environment,
        "labels": dict(incident.labels),
        "firing": incident.firing,
        "alert_count": incident.alert_count,
        "alerts": [_alert(view) for view in incident.alerts],
        "changes": [
            {"id": c.id, "type": c.type, "service": c.service, "subject": c.subject, "summary": c.summary}
            for c in incident.changes
        ],
    }


def _alert(view: AlertView) -> dict[str, Any]:
    return {
        "name": view.name,
        "status": view.status.value,
        "severity": view.severity.value,
        "service": view.service,
        "labels": dict(view.labels),
        "annotations": dict(view.annotations),
    }
