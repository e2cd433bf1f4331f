"""Two incidents of a domain become one, because a person says so, or because an alert ties them.

What is under way never acts twice, and who rings is never lost.

The one that is merged stays in the record until the other leaves it, so that answers about its ticket, conversation and steps
still find it; whatever people ask of it goes to the one that goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.core.announce import say_merged, say_taken_in
from app.core.bounds import AWAITED, INCIDENT_CHANGES, MEMBERS, MERGED, REPORTS, RESPONDERS
from app.core.correlation import OPEN
from app.core.draft import Draft
from app.core.ending import end_execution
from app.core.escalation import ways
from app.core.escalation.ladders import is_climbing, put, timer_id
from app.core.escalation.pages import RUNG, hold_page, key_of
from app.core.executions import At, running
from app.core.join_rules import keeps_apart
from app.core.lifecycle import leave, raise_severity
from app.core.membership import hold, signal_of, since, urgency_of
from app.core.memory import memory_of_both
from app.core.owners import reconsider
from app.core.paging import is_being_paged, snooze_timer, stop_pages
from app.core.people import named
from app.core.quiet import flapping
from app.model.escalation import Escalation
from app.model.evidence import Change
from app.model.incident import Incident
from app.model.inputs import Actor, Response
from app.model.ladder import AwaitedEvent
from app.model.words import EscalationStatus, ExecutionStatus, IncidentStatus, Mode

SHORTEST = 8
"""How many characters of an id name an incident, where only one that is open begins so: what lists show of it."""


@dataclass(frozen=True)
class Told:
    """What is said of a merge."""

    reason: str
    who: str
    why: str = ""
    """Why, in words, from a colon on."""
    actor: Actor | None = None


def merge(draft: Draft, incident: Incident, response: Response) -> str:
    """Merge an open incident into another; give why not, by name, where it cannot be done (empty: done).

    A person knows better than a rule that says never, which is said.
    """
    target = goes_on(draft.incidents, response.into_id) or _begins_with(draft, response.into_id)
    if target is None:
        return "no_such_incident" if response.into_id else "no_incident_named"
    if target.id == incident.id:
        return "same_incident"
    if target.status not in OPEN:
        return "target_is_over"
    if (target.mode is Mode.SHADOW) != (incident.mode is Mode.SHADOW):
        return "live_and_shadow"
    who = named(response.actor, draft.library)
    rule = keeps_apart(incident, target, draft.library)
    said = f", though rule {rule.name} says never" if rule is not None else ""
    said += f": {response.text}" if response.text else ""
    unite(draft, incident, target, Told("by_person", who, said, response.actor))
    return ""


def unite(draft: Draft, incident: Incident, target: Incident, told: Told) -> None:
    """Let an open incident go on in another one that is open."""
    _tell(draft, incident, target, told)
    _move_runs(draft, incident.id, target.id)
    _move_pages(draft, incident.id, target.id)
    _move_alerts(draft, incident.id, target.id)
    say_merged(draft, incident.id, draft.incidents[target.id])
    say_taken_in(draft, target.id, incident)
    raise_severity(draft, target)
    draft.drop_timers(incident_id=incident.id)
    draft.update(target.id, **memory_of_both(target, incident))
    reconsider(draft, None, target.id)
    _keep_few(draft)


def goes_on(incidents: Mapping[str, Incident], incident_id: str) -> Incident | None:
    """Give the incident, or the one that it was merged into in the end; None where neither is held."""
    incident = incidents.get(incident_id)
    while incident is not None and incident.merged_into:
        incident = incidents.get(incident.merged_into)
    return incident


def _begins_with(draft: Draft, beginning: str) -> Incident | None:
    """Give the open incident whose id alone of them begins so, as people see ids; None where that is too little to tell."""
    if len(beginning) < SHORTEST:
        return None
    found = [
        each for each in draft.incidents.values() if each.status in OPEN and each.id.startswith(beginning)
    ]
    return found[0] if len(found) == 1 else None


def _tell(draft: Draft, incident: Incident, target: Incident, told: Told) -> None:
    words = f"{told.who} merged it into {target.title!r}{told.why}"
    draft.update(
        incident.id,
        status=IncidentStatus.MERGED,
        reason=told.reason,
        merged_into=target.id,
        merged_at=draft.at,
    )
    facts = {"into": target.id}
    draft.record(incident.id, "IncidentMerged", told.reason, words, actor=told.actor, data=facts)
    words = f"{told.who} merged {incident.title!r} into it{told.why}"
    facts = {"incident": incident.id}
    draft.record(target.id, "IncidentTakenIn", told.reason, words, actor=told.actor, data=facts)


def _move_runs(draft: Draft, source_id: str, target_id: str) -> None:
    """Let automation go on in the target if that has none; else it ends, for two would act on one cause."""
    source, target = draft.incidents[source_id], draft.incidents[target_id]
    top = [run for run in running(source) if not run.parent_id]
    if target.executions or target.automation_off or not top:
        for run in top:
            end_execution(draft, At(source_id, run.id), ExecutionStatus.CANCELLED, "merged")
        if not target.runbook_id and not target.executions:
            draft.update(target_id, runbook_id=source.runbook_id, runbook_reason=source.runbook_reason)
        return
    objects = {step.object_id for run in source.executions for step in run.steps}
    _move_revisions(draft, source_id, target_id, objects)
    fields: dict[str, object] = {"runbook_id": source.runbook_id, "runbook_reason": source.runbook_reason}
    if source.mitigated_at is not None:
        fields["mitigated_at"] = target.mitigated_at or source.mitigated_at
    if source.mitigated_at is not None and target.status is not IncidentStatus.MITIGATED:
        fields |= {"status": IncidentStatus.MITIGATED, "reason": "mitigation_applied"}
    draft.update(target_id, executions=source.executions, run_homes=source.run_homes, **fields)
    draft.update(source_id, executions=[])
    draft.timers = {
        id_: timer.model_copy(update={"incident_id": target_id})
        if timer.incident_id == source_id and timer.execution_id
        else timer
        for id_, timer in draft.timers.items()
    }


def _move_pages(draft: Draft, source_id: str, target_id: str) -> None:
    """Let those ring on whom the target does not ring; of the others one page is enough."""
    target = draft.incidents[target_id]
    rung = {key_of(each) for each in target.escalations if each.status in RUNG}
    moved: set[str] = set()
    for page in draft.incidents[source_id].escalations:
        if page.status is EscalationStatus.NOTIFIED and key_of(page) not in rung:
            _move_page(draft, source_id, target_id, page)
            moved.add(page.service)
    _move_ladders(draft, source_id, target_id, moved, is_cared_for=_is_cared_for(target))
    is_cared_for = _is_cared_for(draft.incidents[target_id])
    due = [
        timer
        for timer in draft.timers.values()
        if timer.incident_id == source_id and timer.id.startswith(f"{source_id}/page/")
    ]
    for timer in due if not is_cared_for else ():
        id_ = f"{target_id}/page/{timer.id.rsplit('/', 1)[-1]}"
        before = draft.timers.get(id_)
        if before is None or before.due > timer.due:
            draft.set_timer(timer.model_copy(update={"id": id_, "incident_id": target_id}))
    stop_pages(draft, source_id, "merged")


def _is_cared_for(incident: Incident) -> bool:
    """Whether somebody acknowledged, or is rung or will be. Who was rung in vain, and after whom nobody comes, does not count."""
    return incident.acknowledged_at is not None or is_being_paged(incident)


def _move_ladders(
    draft: Draft, source_id: str, target_id: str, moved: set[str], *, is_cared_for: bool
) -> None:
    """Let what is to be paged next come in the target: where its pages ring on there, or nobody took care of the target before.

    `moved` are the services whose pages were moved. What was put off is put off there.
    """
    source, target = draft.incidents[source_id], draft.incidents[target_id]
    for ladder in source.ladders:
        timer = draft.timers.pop(timer_id(source_id, ladder.service), None)
        is_needed = ladder.service in moved or not is_cared_for
        if timer is not None and is_needed and not is_climbing(target, ladder.service):
            put(draft, target_id, ladder)
            id_ = timer_id(target_id, ladder.service)
            draft.set_timer(timer.model_copy(update={"id": id_, "incident_id": target_id}))
    snooze = draft.timers.get(snooze_timer(source_id))
    if snooze is not None and not is_cared_for and target.snoozed_until is None:
        draft.update(target_id, snoozed_until=source.snoozed_until)
        draft.set_timer(snooze.model_copy(update={"id": snooze_timer(target_id), "incident_id": target_id}))


def _move_page(draft: Draft, source_id: str, target_id: str, page: Escalation) -> None:
    hold_page(draft, target_id, page)
    ways.move(draft, source_id, target_id, page)
    _move_revisions(draft, source_id, target_id, {page.id})
    left = [each for each in draft.incidents[source_id].escalations if each.id != page.id]
    draft.update(source_id, escalations=left)


def _move_revisions(draft: Draft, source_id: str, target_id: str, objects: set[str]) -> None:
    source, target = draft.incidents[source_id].revisions, draft.incidents[target_id].revisions
    moved = {id_: count for id_, count in source.items() if id_ in objects}
    draft.update(target_id, revisions={**target, **moved})
    draft.update(source_id, revisions={id_: count for id_, count in source.items() if id_ not in moved})


def _move_alerts(draft: Draft, source_id: str, target_id: str) -> None:
    """Let the alerts be the target's, with all that is shown beside them."""
    source = draft.incidents[source_id]
    flapping.move(draft, source.members, source_id, target_id)
    draft.update(source_id, members={}, firing=0, overflow_firing=0, settles_at=None, settling_runs=[])
    for view in source.alerts:
        has_room = len(draft.incidents[target_id].members) < MEMBERS
        if view.fingerprint in source.members and has_room:
            hold(draft, target_id, signal_of(view, source.environment))
    _move_unseen(draft, source, target_id)
    target = draft.incidents[target_id]
    worst = max(target.severity, source.severity, key=lambda each: each.rank)
    draft.update(
        target_id,
        severity=worst,
        urgency=urgency_of(worst),
        reports=[*target.reports, *source.reports][:REPORTS],
        responders=list(dict.fromkeys([*target.responders, *source.responders]))[-RESPONDERS:],
        changes=_both_changes(target, source),
        joined_by=_both_events(target, source),
    )


def _move_unseen(draft: Draft, source: Incident, target_id: str) -> None:
    """Move the alerts that are not shown, by what is remembered of them; of too many those that fire come first."""
    target = draft.incidents[target_id]
    unseen = {id_: member for id_, member in source.members.items() if id_ not in target.members}
    firing_first = sorted(unseen, key=lambda id_: (not unseen[id_].f, id_))
    kept = firing_first[: max(0, MEMBERS - len(target.members))]
    lost = firing_first[len(kept) :]
    members = {**target.members, **{id_: since(unseen[id_], source, target) for id_ in kept}}
    overflow = target.overflow_firing + source.overflow_firing + sum(unseen[id_].f for id_ in lost)
    draft.update(
        target_id,
        members=members,
        overflow_firing=overflow,
        firing=sum(member.f for member in members.values()) + overflow,
        alert_count=target.alert_count + source.alert_count - len(source.members) + len(unseen),
        approximate=target.approximate or source.approximate or bool(lost),
    )


def _both_events(target: Incident, source: Incident) -> list[AwaitedEvent]:
    """Give the system events that the target is there for besides, where it was opened for one."""
    if source.opened_by is None or target.opened_by is None:
        return target.joined_by
    return [*target.joined_by, source.opened_by, *source.joined_by][-AWAITED:]


def _both_changes(target: Incident, source: Incident) -> list[Change]:
    changes = {each.id: each for each in (*source.changes, *target.changes)}
    return sorted(changes.values(), key=lambda each: (each.at, each.id))[-INCIDENT_CHANGES:]


def _keep_few(draft: Draft) -> None:
    merged = [each for each in draft.incidents.values() if each.status is IncidentStatus.MERGED]
    merged.sort(key=lambda each: (each.merged_at or each.opened_at, each.id))
    for incident in merged[:-MERGED]:
        leave(draft, incident.id)
