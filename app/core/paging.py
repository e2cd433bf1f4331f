"""Who is paged, when and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.core.announce import say_escalated, say_undelivered
from app.core.bounds import ESCALATIONS
from app.core.draft import Draft
from app.core.page_facts import tell_ended, tell_paged
from app.core.people import person_of
from app.model.catalog import Level, Person, Policy, Rules
from app.model.commands import EscalationCommand
from app.model.escalation import Escalation
from app.model.inputs import Actor
from app.model.library import Library
from app.model.runbook import Runbook
from app.model.timers import Timer
from app.model.words import EscalationStatus, PageWhen, Severity, TimerKind

NOTIFY_VALID = timedelta(hours=1)
"""How long a page is worth sending."""
RUNG = (EscalationStatus.NOTIFIED, EscalationStatus.ACKNOWLEDGED)

WHY = {
    "no_runbook": "no runbook fits this incident",
    "ambiguous": "several runbooks fit equally well, so none was chosen",
    "checklist_only": "the runbook is a checklist for a person",
    "critical": "the incident is critical",
    "page_at_once": "the runbook says to page at once",
    "page_after": "the incident is still open after the time that its runbook allows",
    "error_after": "the incident is still open though a runbook is at work",
    "no_mitigation_applied": "no mitigation of the runbook applied",
    "step_failed": "a step failed for good",
    "step_timed_out": "a step did not answer in time",
    "step_unknown": "it is unknown whether a change was carried out; look before anything is repeated",
    "step_needs_person": "a step needs a person",
    "approval_timeout": "nobody approved a step in time",
    "rejected": "somebody said no to a step",
    "nobody_reported": "nobody reported on a step that was left to a person",
    "input_missing": "the runbook lacks something that it needs",
    "outputs_failed": "what the runbook gives cannot be worked out",
    "automation_paused": "automation is paused, and the runbook wanted to act",
    "verification_timeout": "the verification did not hold in time",
    "budget_exceeded": "the runbook ran out of its time budget",
    "still_firing": "the runbook ended, and alerts still fire",
    "only_a_person_ends_it": "the runbook ended, and of its alerts only a person can say that they are over",
    "ran_before_split": "it was split off an incident for which its runbook ran; look before that is run again",
    "reopened": "the incident came back after it had been resolved",
    "severity_raised": "the incident became worse",
    "second_service": "a critical alert of another service joined the incident",
    "cause_moved": "the cause is probably a service of another team",
}
"""The named reasons of a page, in words."""


@dataclass(frozen=True)
class PagePlan:
    """When people are paged if nothing else happens, and why then."""

    when: PageWhen
    after: timedelta
    reason: str


def plan_page(severity: Severity, runbook: Runbook | None, selection_reason: str, rules: Rules) -> PagePlan:
    """Plan the page: at once without a runbook, else as the page says, else by severity."""
    if runbook is None:
        return PagePlan(PageWhen.AT_ONCE, timedelta(), selection_reason)
    if runbook.is_checklist:
        return PagePlan(PageWhen.AT_ONCE, timedelta(), "checklist_only")
    if runbook.page is not None:
        reason = "page_at_once" if runbook.page.when is PageWhen.AT_ONCE else "page_after"
        return PagePlan(runbook.page.when, runbook.page.after, reason)
    if severity is Severity.CRITICAL:
        return PagePlan(PageWhen.AT_ONCE, timedelta(), "critical")
    if severity is Severity.ERROR:
        return PagePlan(PageWhen.AFTER, rules.page_error_after, "error_after")
    return PagePlan(PageWhen.ON_FAILURE, timedelta(), "page_after")


def policy_for(team: str, runbook: Runbook | None, library: Library) -> Policy | None:
    """Give the escalation policy: the team's, else the runbook's, else the one of what has none."""
    owner = library.teams.get(team)
    named = (
        owner.escalation if owner else "",
        runbook.escalation if runbook else "",
        library.rules.escalation,
    )
    return next((library.policies[name] for name in named if name in library.policies), None)


def first_level(policy: Policy | None) -> Level | None:
    """Give the first level of a policy."""
    return policy.levels[0] if policy and policy.levels else None


def follow_plan(draft: Draft, incident_id: str, plan: PagePlan) -> None:
    """Page now, set a timer, or leave it to a failure."""
    if plan.when is PageWhen.AT_ONCE:
        page(draft, incident_id, plan.reason)
    elif plan.when is PageWhen.AFTER:
        draft.set_timer(
            Timer(
                id=f"{incident_id}/page/{plan.reason}",
                due=draft.at + plan.after,
                kind=TimerKind.PAGE_DUE,
                incident_id=incident_id,
            )
        )


def page(draft: Draft, incident_id: str, reason: str, detail: str = "") -> None:
    """Page the first level of the incident's policy, always with why; who is rung already is not rung again."""
    incident = draft.incidents[incident_id]
    why = WHY.get(reason, reason) + (f": {detail}" if detail else "")
    if any(escalation.status in RUNG for escalation in incident.escalations):
        draft.record(incident_id, "EscalationNoted", reason, f"{why}; people are paged already")
        return
    runbook = draft.library.runbooks.get(incident.runbook_id)
    policy = policy_for(incident.team, runbook, draft.library)
    level = first_level(policy)
    if policy is None or level is None:
        draft.record(incident_id, "EscalationImpossible", "no_policy", f"nobody could be paged: {why}")
        return
    for target in level.targets:
        notify(draft, incident_id, policy, target, reason, why)
    names = ", ".join(level.targets)
    draft.record(
        incident_id,
        "Escalated",
        reason,
        f"paged {names}: {why}",
        data={"policy": policy.id, "targets": names},
    )
    say_escalated(draft, incident_id, names, why)


def page_again(draft: Draft, incident_id: str, reason: str, detail: str) -> None:
    """Page with the incident's new urgency: who rings gets a newer revision, who acknowledged the old one a new page."""
    for escalation in draft.incidents[incident_id].escalations:
        if escalation.status is EscalationStatus.ACKNOWLEDGED:
            _replace(draft, incident_id, escalation.model_copy(update={"status": EscalationStatus.STOPPED}))
    incident = draft.incidents[incident_id]
    ringing = [each for each in incident.escalations if each.status is EscalationStatus.NOTIFIED]
    if not ringing:
        page(draft, incident_id, reason, detail)
        return
    why = f"{WHY.get(reason, reason)}: {detail}"
    for escalation in ringing:
        _renew(draft, incident_id, escalation, reason, why)
    names = ", ".join(escalation.target for escalation in ringing)
    facts = {"policy": ringing[0].policy, "targets": names}
    words = f"paged {names} again, with {incident.urgency} urgency: {why}"
    draft.record(incident_id, "Escalated", reason, words, data=facts)
    say_escalated(draft, incident_id, names, why)


def note_undelivered(draft: Draft, incident_id: str, object_id: str, words: str) -> None:
    """Take note that a page which should ring does not, if the object is one: the next reason pages again."""
    for escalation in draft.incidents[incident_id].escalations:
        if escalation.id == object_id and escalation.status is EscalationStatus.NOTIFIED:
            gone = {"status": EscalationStatus.STOPPED, "undelivered_at": draft.at}
            _replace(draft, incident_id, escalation.model_copy(update=gone))
            told = f"the page to {escalation.target} was not delivered ({words})"
            draft.record(incident_id, "PageUndelivered", "undelivered", told, data={"page": escalation.id})
            say_undelivered(draft, incident_id, escalation.target)


def stop_pages(
    draft: Draft, incident_id: str, reason: str, *, acknowledged_by: Actor | None = None, object_id: str = ""
) -> None:
    """Stop ringing everybody who is rung, because somebody acknowledged or the incident ended.

    The owner of a second service rings on until somebody of theirs acknowledges, or their own page (`object_id`) is.
    """
    draft.drop_timers(TimerKind.PAGE_DUE, incident_id=incident_id)
    for escalation in draft.incidents[incident_id].escalations:
        if escalation.status is EscalationStatus.NOTIFIED:
            if _concerns(escalation, acknowledged_by, object_id, draft.library):
                _stop(draft, incident_id, escalation, reason, acknowledged_by)
        elif escalation.status is EscalationStatus.ACKNOWLEDGED and acknowledged_by is None:
            _replace(draft, incident_id, escalation.model_copy(update={"status": EscalationStatus.STOPPED}))


def hold_page(draft: Draft, incident_id: str, escalation: Escalation) -> None:
    """Hold one more page; of too many the oldest that are over go."""
    incident = draft.incidents[incident_id]
    over = [each for each in incident.escalations if each.status is EscalationStatus.STOPPED]
    too_many = max(0, len(incident.escalations) + 1 - ESCALATIONS)
    gone = {each.id for each in over[:too_many]}
    draft.update(
        incident_id,
        escalations=[*(each for each in incident.escalations if each.id not in gone), escalation],
        revisions={id_: count for id_, count in incident.revisions.items() if id_ not in gone},
    )


def notify(
    draft: Draft, incident_id: str, policy: Policy, target: str, reason: str, why: str, service: str = ""
) -> None:
    """Page one target of a policy's first level; `service` is the second service whose owner it is, if it is one."""
    level = policy.levels[0]
    person = _person(draft.library, target)
    escalation = Escalation(
        id=draft.new_id(f"{incident_id}/page/{target}"),
        policy=policy.id,
        level=1,
        target=target,
        person_id=person.id if person else "",
        contact_ref=person.contact_ref if person else "",
        reason=reason,
        service=service,
        notified_at=draft.at,
        ack_by=draft.at + level.ack_timeout,
    )
    escalation = tell_paged(draft, incident_id, escalation)
    hold_page(draft, incident_id, escalation)
    _command(
        draft,
        incident_id,
        escalation,
        "notify",
        why,
        next_words=_next(policy),
        not_after=draft.at + NOTIFY_VALID,
    )


def _concerns(escalation: Escalation, actor: Actor | None, object_id: str, library: Library) -> bool:
    """Whether somebody's acknowledgement is one for this page; the end of the incident is one for all."""
    if actor is None or not escalation.service or escalation.id == object_id:
        return True
    service, person = library.services.get(escalation.service), person_of(actor, library)
    team = library.teams.get(service.team if service else "")
    return bool(person) and (person == escalation.person_id or (team is not None and person in team.members))


def _renew(draft: Draft, incident_id: str, escalation: Escalation, reason: str, why: str) -> None:
    policy = draft.library.policies.get(escalation.policy)
    level = first_level(policy)
    renewed = escalation.model_copy(
        update={
            "reason": reason,
            "notified_at": draft.at,
            "ack_by": draft.at + level.ack_timeout if level else escalation.ack_by,
            "revision": escalation.revision + 1,
        }
    )
    renewed = tell_paged(draft, incident_id, renewed)
    _replace(draft, incident_id, renewed)
    next_words = _next(policy) if policy else ""
    not_after = draft.at + NOTIFY_VALID
    _command(draft, incident_id, renewed, "notify", why, next_words=next_words, not_after=not_after)


def _stop(draft: Draft, incident_id: str, escalation: Escalation, reason: str, actor: Actor | None) -> None:
    status = EscalationStatus.ACKNOWLEDGED if actor else EscalationStatus.STOPPED
    stopped = escalation.model_copy(
        update={
            "status": status,
            "acknowledged_at": draft.at if actor else None,
            "acknowledged_by": actor,
            "revision": escalation.revision + 1,
        }
    )
    stopped = tell_ended(draft, incident_id, stopped, reason)
    _replace(draft, incident_id, stopped)
    _command(draft, incident_id, stopped, "stop", reason)


def _command(
    draft: Draft,
    incident_id: str,
    escalation: Escalation,
    op: str,
    text: str,
    *,
    next_words: str = "",
    not_after: datetime | None = None,
) -> None:
    header = draft.header(incident_id, escalation.id, f"escalation/{escalation.target}/{op}")
    draft.outputs.append(
        EscalationCommand.model_validate(
            {
                **header,
                "op": op,
                "text": text,
                "not_after": not_after,
                "policy": escalation.policy,
                "level": escalation.level,
                "target": escalation.target,
                "person_id": escalation.person_id,
                "contact_ref": escalation.contact_ref,
                "reason": escalation.reason if op == "notify" else text,
                "ack_by": escalation.ack_by if op == "notify" else None,
                "next": next_words,
            }
        )
    )


def _replace(draft: Draft, incident_id: str, escalation: Escalation) -> None:
    kept = [
        escalation if each.id == escalation.id else each for each in draft.incidents[incident_id].escalations
    ]
    draft.update(incident_id, escalations=kept)


def _person(library: Library, target: str) -> Person | None:
    kind, _, name = target.partition(":")
    return library.people.get(name) if kind == "user" else None


def _next(policy: Policy) -> str:
    return ", ".join(policy.levels[1].targets) if len(policy.levels) > 1 else ""
