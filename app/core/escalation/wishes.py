"""What people ask of an incident's pages: put them off, give it to somebody, call somebody in, go to the next level now. Always with who and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from app.core.announce import say_asked
from app.core.bounds import TEXT_CHARS, cut
from app.core.draft import Draft
from app.core.escalation import firing
from app.core.escalation.ladders import ladder_of
from app.core.escalation.targets import Aim
from app.core.lifecycle import acknowledge, add_responder
from app.core.paging import WHY, begin, end_snooze, policy_of, snooze_timer, stop_pages, take_back
from app.core.people import name_of, named, person_of
from app.model.durations import in_units
from app.model.incident import Incident
from app.model.inputs import Response
from app.model.library import Library
from app.model.policy import TARGETS
from app.model.timers import Timer
from app.model.words import LadderStatus, ResponseKind, TimerKind

WISHES = (ResponseKind.SNOOZE, ResponseKind.ASSIGN, ResponseKind.ADD_RESPONDER, ResponseKind.ESCALATE)
LONGEST_SNOOZE = timedelta(days=7)


def take(draft: Draft, incident: Incident, response: Response) -> str:
    """Do what a person asks; give why not, by name, where it cannot be done (empty: done)."""
    match response.response:
        case ResponseKind.SNOOZE:
            return _snooze(draft, incident, response)
        case ResponseKind.ASSIGN:
            return _assign(draft, incident, response)
        case ResponseKind.ADD_RESPONDER:
            return _add(draft, incident, response)
        case _:
            return _escalate(draft, incident, response)


def on_snooze_over(draft: Draft, timer: Timer) -> None:
    """Page again once the time is over for which a person put it off."""
    incident_id = timer.incident_id
    if draft.incidents[incident_id].snoozed_until is None:
        return
    draft.update(incident_id, snoozed_until=None)
    take_back(draft, incident_id, "snooze_over")
    draft.record(incident_id, "SnoozeEnded", "snooze_over", WHY["snooze_over"])
    begin(draft, incident_id, "snooze_over", WHY["snooze_over"])


def _snooze(draft: Draft, incident: Incident, response: Response) -> str:
    length = timedelta(seconds=max(0, min(response.seconds, int(LONGEST_SNOOZE.total_seconds()))))
    if not length:
        return "no_time_given"
    until = draft.at + length
    _say(
        draft,
        incident,
        response,
        "Snoozed",
        f"its pages are put off for {in_units(length)}, until {until:%Y-%m-%d %H:%M} UTC",
    )
    stop_pages(draft, incident.id, "snoozed", acknowledged_by=response.actor, object_id=response.object_id)
    add_responder(draft, incident.id, name_of(response.actor, draft.library))
    draft.update(incident.id, snoozed_until=until)
    id_ = snooze_timer(incident.id)
    draft.set_timer(Timer(id=id_, due=until, kind=TimerKind.PAGE_DUE, incident_id=incident.id))
    return ""


def _assign(draft: Draft, incident: Incident, response: Response) -> str:
    aims, why_not = _named(draft, incident, response)
    if why_not:
        return why_not
    names = ", ".join(firing.words_of(each) for each in aims)
    _say(draft, incident, response, "Assigned", f"it is given to {names}")
    own = person_of(response.actor, draft.library)
    if own and [each.person.id for each in aims if each.person] == [own]:
        acknowledge(draft, incident.id, response.actor, response.object_id)
        return ""
    stop_pages(draft, incident.id, "assigned", acknowledged_by=response.actor, object_id=response.object_id)
    take_back(draft, incident.id, "assigned")
    policy, why = policy_of(draft, incident.id), _why(draft, response, "assigned")
    if policy is not None and policy.levels:
        firing.start_with(draft, incident.id, policy, aims, "assigned", why)
    else:
        firing.page_by_name(draft, incident.id, aims, "assigned", why, None)
    _show(draft, incident.id, aims)
    return ""


def _add(draft: Draft, incident: Incident, response: Response) -> str:
    aims, why_not = _named(draft, incident, response)
    if why_not:
        return why_not
    names = ", ".join(firing.words_of(each) for each in aims)
    _say(draft, incident, response, "ResponderAdded", f"{names} is called in")
    policy = policy_of(draft, incident.id)
    firing.page_by_name(draft, incident.id, aims, "called_in", _why(draft, response, "called in"), policy)
    _show(draft, incident.id, aims)
    return ""


def _escalate(draft: Draft, incident: Incident, response: Response) -> str:
    policy = policy_of(draft, incident.id)
    if policy is None:
        return "no_policy"
    _say(draft, incident, response, "EscalationAsked", "the next level is to be paged now")
    end_snooze(draft, incident.id)
    take_back(draft, incident.id, "by_person")
    ladder = ladder_of(draft.incidents[incident.id])
    if ladder is None or ladder.status is LadderStatus.EXHAUSTED:
        begin(draft, incident.id, "by_person", _why(draft, response, "asked for"), now=True)
    else:
        firing.climb(draft, incident.id, "", "by_person", now=True)
    return ""


def _named(draft: Draft, incident: Incident, response: Response) -> tuple[list[Aim], str]:
    """Give whom a response names, or why that is nobody, by name."""
    said = (response.target or response.text).strip()
    target = target_of(said, draft.library)
    if not target:
        return [], "unknown_target" if said else "no_target"
    aims = firing.resolver_of(draft, incident.id, {}).resolve([target])
    by_name = target.startswith("user:")  # who is away may be asked for so
    there = [each for each in aims if not each.absent or (by_name and each.person is not None)]
    return there, "" if there else "nobody_there"


def target_of(said: str, library: Library) -> str:
    """Give the target that a person means: by its kind, a person's id, or who they are elsewhere; empty: nobody knows."""
    plain = said.removeprefix("@")
    kind, _, name = plain.partition(":")
    known = {
        "user": library.people,
        "schedule": library.schedules,
        "team": library.teams,
        "policy": library.policies,
    }
    if kind in TARGETS and name:
        return plain if kind == "channel" or name in known[kind] else ""
    found = (each.id for each in library.people.values() if plain == each.id or plain in each.identities)
    return next((f"user:{each}" for each in found), "")


def _show(draft: Draft, incident_id: str, aims: Sequence[Aim]) -> None:
    for each in aims:
        add_responder(draft, incident_id, each.person.id if each.person else "")


def _why(draft: Draft, response: Response, what: str) -> str:
    said = f": {response.text}" if response.text and response.target else ""
    return cut(f"{what} by {named(response.actor, draft.library)}{said}", TEXT_CHARS)


def _say(draft: Draft, incident: Incident, response: Response, kind: str, words: str) -> None:
    who = named(response.actor, draft.library)
    said = (
        f": {response.text}"
        if response.text and (response.target or kind in ("Snoozed", "EscalationAsked"))
        else ""
    )
    text = cut(f"{words}, says {who}{said}", TEXT_CHARS)
    draft.record(incident.id, kind, "by_person", text, actor=response.actor)
    say_asked(draft, incident.id, kind.lower(), f"{text[0].upper()}{text[1:]}.")
