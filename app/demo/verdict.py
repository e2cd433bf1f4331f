"""Did every incident end as the scenario says? Each difference in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.demo.shown import EMPTY, Desk, Shown, find_shown, step_paths
from app.demo.story import Expected, Feature, Story
from app.model.incident import IncidentSnapshot
from app.model.outputs import IncidentEvent
from app.model.words import IncidentStatus

ENDED = (IncidentStatus.RESOLVED, IncidentStatus.CLOSED)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A story beside what became of it."""

    story: Story | None
    """None for an incident that the scenario does not know."""
    incident: IncidentSnapshot | None
    """None for a story that no incident came of."""
    differences: tuple[str, ...]
    shown: Mapping[Feature, Shown] = field(default_factory=dict)
    """What the story is to show, where it does."""


Events = Mapping[str, Sequence[IncidentEvent]]
"""Incident id to its events, in order."""
Desks = Mapping[str, Desk]
"""Incident id to what it brought to people's desks."""


def judge(
    stories: Sequence[Story], incidents: Sequence[IncidentSnapshot], events: Events, desks: Desks
) -> list[Verdict]:
    """Judge every story, and every incident that belongs to none; `incidents` in the order they were opened."""
    verdicts = []
    for story in stories:
        own = [incident for incident in incidents if incident.domain == story.domain]
        if not own:
            verdicts.append(Verdict(story, None, ("no incident was opened",)))
            continue
        told, desk = events.get(own[0].id, ()), desks.get(own[0].id, EMPTY)
        verdicts.append(_judge(story, own[0], told, desk))
        verdicts += [Verdict(story, other, ("a second incident was opened",)) for other in own[1:]]
    known = {story.domain for story in stories}
    verdicts += [
        Verdict(None, incident, ("the scenario knows no such incident",))
        for incident in incidents
        if incident.domain not in known
    ]
    return verdicts


def resolved_for(events: Sequence[IncidentEvent]) -> str:
    """Give why an incident was resolved last, by name; empty: it was not."""
    return next((event.reason for event in reversed(events) if event.type == "IncidentResolved"), "")


def _judge(story: Story, incident: IncidentSnapshot, events: Sequence[IncidentEvent], desk: Desk) -> Verdict:
    found = find_shown(incident, events, desk)
    shown = {feature: found[feature] for feature in story.shows if feature in found}
    return Verdict(story, incident, _differences(story, incident, events, tuple(shown)), shown)


def _differences(
    story: Story, incident: IncidentSnapshot, events: Sequence[IncidentEvent], shown: tuple[Feature, ...]
) -> tuple[str, ...]:
    want, steps = story.expected, step_paths(incident)
    facts: list[tuple[str, object, object]] = [
        ("ended", True, incident.status in ENDED),
        ("resolved for", want.resolved, resolved_for(events)),
        ("alerts", want.alerts, incident.alert_count),
        ("firing", 0, incident.firing),
        ("runbook", want.runbook, incident.runbook_id),
        ("why that runbook", want.why, incident.runbook_reason),
        ("steps", dict(want.steps), {name: step.status.value for name, step in steps.items()}),
        ("attempts", _attempts(want), {name: steps[name].attempt for name in want.attempts if name in steps}),
        ("paged for", want.paged, tuple(dict.fromkeys(page.reason for page in incident.escalations))),
        ("acknowledged", want.acknowledged, incident.acknowledged_at is not None),
        ("mitigated", want.mitigated, incident.mitigated_at is not None),
        ("ticket", want.ticket, "ticket" in incident.refs),
        ("reopened", want.reopened, incident.reopened),
        ("suspected changes", want.changes, len(incident.changes)),
        ("judged", story.feedback, incident.feedback),
        ("shows", story.shows, shown),
    ]
    return tuple(f"{name}: {got!r} instead of {wanted!r}" for name, wanted, got in facts if got != wanted)


def _attempts(want: Expected) -> dict[str, int]:
    return dict(want.attempts)
