"""Who is paged, when and why. How it goes on from there, `escalation` decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from app.core.announce import say_escalated, say_impossible, say_taken_back
from app.core.draft import Draft
from app.core.escalation import firing, pages
from app.core.escalation.ladders import give_time, halt, is_climbing, ladder_of, policies_of
from app.core.people import person_of
from app.model.catalog import Rules
from app.model.escalation import Escalation
from app.model.incident import Incident
from app.model.inputs import Actor
from app.model.library import Library
from app.model.policy import DEFAULT_ACK_TIMEOUT, Policy
from app.model.runbook import Runbook
from app.model.timers import Timer
from app.model.words import (
    EscalationStatus,
    IncidentStatus,
    LadderStatus,
    Mode,
    PageWhen,
    Severity,
    TimerKind,
)

SNOOZE = "snooze/"
"""The timers that end snoozes; the incident's id follows."""

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
    "system_event": "a system event calls for a person",
    "ack_stale": "it was acknowledged, and nobody has been heard of since",
    "snooze_over": "the time is over for which it was put off",
    "by_person": "a person asked for it",
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


def policy_for(service: str, team: str, runbook: Runbook | None, library: Library) -> Policy | None:
    """Give the escalation policy: the service's, else the team's, the runbook's, or the one of what has none."""
    known, owner = library.services.get(service), library.teams.get(team)
    named = (
        known.escalation if known else "",
        owner.escalation if owner else "",
        runbook.escalation if runbook else "",
        library.rules.escalation,
    )
    return next((library.policies[name] for name in named if name in library.policies), None)


def policy_of(draft: Draft, incident_id: str) -> Policy | None:
    """Give an incident's own escalation policy, as it stood when the incident opened: of a system event that of its rule, if that names one."""
    incident, library = draft.incidents[incident_id], policies_of(draft, incident_id)
    event = incident.opened_by
    named = [each.policy for each in library.event_rules if event is not None and each.name == event.rule]
    if named and named[0] in library.policies:
        return library.policies[named[0]]
    runbook = draft.library.runbooks.get(incident.runbook_id)
    return policy_for(incident.service, incident.team, runbook, library)


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


def page(draft: Draft, incident_id: str, reason: str, detail: str = "", policy: Policy | None = None) -> None:
    """Begin the incident's policy (or the one given), always with why; while people are being paged for it no other begins."""
    incident = draft.incidents[incident_id]
    why = WHY.get(reason, reason) + (f": {detail}" if detail else "")
    if incident.snoozed_until is not None:
        until = f"{incident.snoozed_until:%H:%M:%S} UTC"
        draft.record(incident_id, "EscalationNoted", reason, f"{why}; its pages are put off until {until}")
        return
    if is_being_paged(incident):
        draft.record(incident_id, "EscalationNoted", reason, f"{why}; people are paged already")
        return
    begin(draft, incident_id, reason, why, policy)


def begin(
    draft: Draft, incident_id: str, reason: str, why: str, policy: Policy | None = None, *, now: bool = False
) -> None:
    """Begin the incident's policy, whoever was paged before."""
    policy = policy or policy_of(draft, incident_id)
    if policy is None or not policy.levels:
        draft.record(incident_id, "EscalationImpossible", "no_policy", f"nobody could be paged: {why}")
        say_impossible(draft, incident_id, f"no escalation policy covers this incident ({why})")
        return
    firing.start(draft, incident_id, policy, reason, why, now=now)


def is_being_paged(incident: Incident) -> bool:
    """Whether somebody acknowledged, or is rung by its policy or will be; one that was exhausted in vain may begin anew.

    Who was called in, and the owner of a second service, ring besides: a reason to page is one all the same.
    """
    own, rung = ladder_of(incident), pages.rung(incident, "")
    if any(each.acknowledged_by is not None for each in rung):
        return True
    if own is not None and own.status is LadderStatus.EXHAUSTED:
        return False
    return is_climbing(incident) or any(each.level for each in rung)


def page_again(draft: Draft, incident_id: str, reason: str, detail: str) -> None:
    """Page with the incident's new urgency: who rings gets a newer revision, who acknowledged the old one a new page."""
    pages.count_no_more(draft, incident_id)
    incident = draft.incidents[incident_id]
    ringing = [each for each in incident.escalations if each.status is EscalationStatus.NOTIFIED]
    why = f"{WHY.get(reason, reason)}: {detail}"
    if ringing:
        _ring_anew(draft, incident_id, ringing, reason, why)
    if not ringing or _was_answered(incident):
        begin(draft, incident_id, reason, why)


def _ring_anew(draft: Draft, incident_id: str, ringing: Sequence[Escalation], reason: str, why: str) -> None:
    for each in ringing:
        _renew(draft, incident_id, each, reason, why)
    names = ", ".join(dict.fromkeys(each.target for each in ringing))
    facts = {"policy": ringing[0].policy, "targets": names}
    words = f"paged {names} again, with {draft.incidents[incident_id].urgency} urgency: {why}"
    draft.record(incident_id, "Escalated", reason, words, data=facts)
    say_escalated(draft, incident_id, names, why)


def stop_pages(
    draft: Draft, incident_id: str, reason: str, *, acknowledged_by: Actor | None = None, object_id: str = ""
) -> None:
    """Stop ringing everybody who is rung, because somebody acknowledged or the incident ended.

    The owner of a second service rings on until somebody of theirs acknowledges, or their own page (`object_id`) is.
    """
    draft.drop_timers(TimerKind.PAGE_DUE, incident_id=incident_id, starting=f"{incident_id}/")
    end_snooze(draft, incident_id)
    is_over = _answered(draft.incidents[incident_id], acknowledged_by, object_id, draft.library)
    for each in draft.incidents[incident_id].escalations:
        if each.status is EscalationStatus.NOTIFIED:
            if is_over(each.service):
                pages.stop(draft, incident_id, each, reason, acknowledged_by)
        elif each.status is EscalationStatus.ACKNOWLEDGED and acknowledged_by is None:
            pages.replace(draft, incident_id, each.model_copy(update={"status": EscalationStatus.STOPPED}))
    halt(draft, incident_id, lambda ladder: is_over(ladder.service))


def take_back(draft: Draft, incident_id: str, reason: str) -> None:
    """Let the acknowledgement count no more: the incident is nobody's again."""
    was_taken = draft.incidents[incident_id].acknowledged_at is not None
    pages.count_no_more(draft, incident_id, "")
    fields: dict[str, object] = {"acknowledged_at": None}
    if draft.incidents[incident_id].status is IncidentStatus.ACKNOWLEDGED:
        fields |= {"status": IncidentStatus.TRIGGERED, "reason": reason}
    draft.update(incident_id, **fields)
    if was_taken:
        say_taken_back(draft, incident_id)


def end_snooze(draft: Draft, incident_id: str) -> None:
    """Let pages be put off no more."""
    if draft.incidents[incident_id].snoozed_until is not None:
        draft.update(incident_id, snoozed_until=None)
        draft.timers.pop(snooze_timer(incident_id), None)


def snooze_timer(incident_id: str) -> str:
    """Give the id of the timer that ends a snooze."""
    return f"{SNOOZE}{incident_id}/snooze_over"


def _was_answered(incident: Incident) -> bool:
    """Whether nobody follows on who rings still, such as somebody who was called in: the policy was stopped."""
    ladder = ladder_of(incident)
    is_live = incident.mode is not Mode.SHADOW
    return is_live and ladder is not None and ladder.status is LadderStatus.STOPPED


def _answered(
    incident: Incident, actor: Actor | None, object_id: str, library: Library
) -> Callable[[str], bool]:
    """Give what says whether somebody's acknowledgement is one for a service; the end of the incident (None) is one for all."""
    if actor is None:
        return lambda _: True
    person = person_of(actor, library)
    by_page = {
        each.service
        for each in incident.escalations
        if each.id == object_id
        or (person and each.person_id == person and each.status is EscalationStatus.NOTIFIED)
    }
    return lambda service: service in by_page or _is_of(service, actor, library)


def _is_of(service: str, actor: Actor, library: Library) -> bool:
    """Whether somebody may acknowledge for a service: a member of its team; for the incident's own (empty) whoever does."""
    known = library.services.get(service)
    team = library.teams.get(known.team if known else "")
    return not service or (team is not None and person_of(actor, library) in team.members)


def _renew(draft: Draft, incident_id: str, page: Escalation, reason: str, why: str) -> None:
    """Let a page ring on for a new reason; its level has its ack timeout anew."""
    incident = draft.incidents[incident_id]
    library = policies_of(draft, incident_id)
    policy, ladder = library.policies.get(page.policy), ladder_of(incident, page.service)
    known = policy is not None and 0 < page.level <= len(policy.levels)
    timeout = policy.levels[page.level - 1].ack_timeout if policy and known else DEFAULT_ACK_TIMEOUT
    is_newest = ladder is not None and (ladder.policy, ladder.level, ladder.round) == (
        page.policy,
        page.level,
        page.round,
    )
    call = pages.Call(
        policy=page.policy,
        level=page.level,
        round=page.round,
        ack_by=draft.at + timeout,
        reason=reason,
        why=why,
        next_words=firing.next_words(draft, incident_id, ladder, policy) if ladder and policy else "",
        service=page.service,
    )
    pages.renew(draft, incident_id, page, call)
    if ladder is not None and is_newest and ladder.status is LadderStatus.CLIMBING:
        give_time(draft, incident_id, ladder, call.ack_by)
