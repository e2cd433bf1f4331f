"""System events that page without an alert: rules say which, and which of them are forgotten if they are over in time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from app.core.bounds import AWAITED, LINE_CHARS, cut
from app.core.correlation import OPEN, find_open
from app.core.draft import Draft
from app.core.escalation.ladders import library_of
from app.core.evidence import related_to
from app.core.lifecycle import resolve
from app.core.opening import mode_for, open_for_event
from app.core.paging import page
from app.model.evidence import Change
from app.model.incident import Incident
from app.model.inputs import SystemEvent
from app.model.ladder import AwaitedEvent
from app.model.policy import EventRule
from app.model.timers import Timer
from app.model.words import TimerKind

TIMER = "events/awaited"
ATTRIBUTES = ("id", "source", "type", "subject", "service", "environment")
"""What matchers look at: attributes of CloudEvents, with the service and the environment."""
KEPT = frozenset({"id", "type", "subject", "service"})
"""Those that a domain remembers of an event that is decided. A rule that looks at another one rather pages than forgets."""


def attributes_of(event: SystemEvent) -> dict[str, str]:
    """Give what matchers look at; an attribute that is empty is not there."""
    given = {name: str(getattr(event, name)) for name in ATTRIBUTES}
    return {name: value for name, value in given.items() if value}


def on_event(draft: Draft, event: SystemEvent, identity: str) -> None:
    """Page for an event that a rule names, at once or once it was not over in time; forget those that this one ends."""
    attributes = attributes_of(event)
    if _ends_another(draft, attributes, event.summary or event.type):
        return
    rule = next((each for each in draft.library.event_rules if each.concerns(attributes)), None)
    if rule is None:
        return
    awaited = AwaitedEvent(
        rule=rule.name,
        event_id=event.id or identity,
        attributes=attributes,
        summary=cut(event.summary or f"{event.type} {event.subject or event.service}".strip(), LINE_CHARS),
        due=draft.at + (rule.unless.within if rule.unless else timedelta()),
        since=draft.at,
    )
    if rule.unless is None:
        _raise(draft, rule, awaited)
        return
    draft.awaited = [*draft.awaited, awaited]
    _keep_few(draft)


def where_from(draft: Draft, awaited: AwaitedEvent) -> tuple[str, str]:
    """Give the service that an event concerns, empty where it names none, and its environment."""
    given = awaited.attributes
    return given.get("service", ""), given.get("environment") or draft.library.rules.environment


def take_out(draft: Draft, service: str) -> list[AwaitedEvent]:
    """Let go of the events of a service that another domain awaits now, and give them."""
    taken = [each for each in draft.awaited if each.attributes.get("service") == service]
    draft.awaited = [each for each in draft.awaited if each not in taken]
    _look_again(draft)
    return taken


def put_in(draft: Draft, awaited: Sequence[AwaitedEvent]) -> None:
    """Await the events that another domain awaited, until the time that it had set."""
    draft.awaited = [*awaited, *draft.awaited]
    end_what_came(draft)
    _keep_few(draft)


def end_what_came(draft: Draft) -> None:
    """Forget the events that came from another domain late, after one that says here that they are over."""
    if not draft.awaited:
        return
    rules = {each.name: each for each in draft.library.event_rules}

    def is_over(each: AwaitedEvent) -> bool:
        rule, since = rules.get(each.rule), each.since
        if rule is None or rule.unless is None or since is None or not rule.unless.looks_at <= KEPT:
            return False
        later = [change for change in draft.changes if change.at > since]
        return any(rule.is_recovery(_kept_of(change), each.attributes) for change in later)

    draft.awaited = [each for each in draft.awaited if not is_over(each)]
    _look_again(draft)


def _kept_of(change: Change) -> dict[str, str]:
    given = {"id": change.id, "type": change.type, "subject": change.subject, "service": change.service}
    return {name: value for name, value in given.items() if value}


def on_timer(draft: Draft, _timer: Timer) -> None:
    """Page for the events that were not over in time."""
    due = [each for each in draft.awaited if each.due <= draft.at]
    draft.awaited = [each for each in draft.awaited if each.due > draft.at]
    for each in due:
        _page_for(draft, each)
    _look_again(draft)


def _ends_another(draft: Draft, attributes: dict[str, str], words: str) -> bool:
    """Whether the event says that another one is over; what that one opened is over with it, unless alerts joined."""
    rules = {each.name: each for each in draft.library.event_rules}

    def is_over(each: AwaitedEvent) -> bool:
        rule = rules.get(each.rule)
        return rule is not None and rule.is_recovery(attributes, each.attributes)

    left = [each for each in draft.awaited if not is_over(each)]
    found = len(left) < len(draft.awaited)
    draft.awaited = left
    _look_again(draft)
    for incident in [each for each in draft.incidents.values() if each.status in OPEN]:
        there_for = [*([incident.opened_by] if incident.opened_by else []), *incident.joined_by]
        needed = [each for each in there_for if not is_over(each)]
        if len(needed) < len(there_for):
            found = True
            _go_on_for(draft, incident, needed, words)
    return found


def _go_on_for(draft: Draft, incident: Incident, needed: Sequence[AwaitedEvent], words: str) -> None:
    """Let an incident be there for the events that are not over; where there is none, and no alert, it is over."""
    if needed:
        draft.update(incident.id, opened_by=needed[0], joined_by=needed[1:])
    elif not incident.alert_count:
        resolve(draft, incident.id, "event_recovered", words)
        return
    draft.record(incident.id, "EventRecovered", "event_recovered", words)


def _page_for(draft: Draft, awaited: AwaitedEvent) -> None:
    """Page by the rule as it is in force now; one that was taken back pages nobody."""
    rule = next((each for each in draft.library.event_rules if each.name == awaited.rule), None)
    if rule is not None:
        _raise(draft, rule, awaited)


def _raise(draft: Draft, rule: EventRule, awaited: AwaitedEvent) -> None:
    """Page for an event: with the open incident that it concerns, else with one of its own."""
    given = awaited.attributes
    service, environment = where_from(draft, awaited)
    found = related_to(service, find_open(draft.incidents.values(), mode_for(draft, service)), draft.library)
    if found is None:
        title = rule.title or awaited.summary
        incident_id = open_for_event(draft, awaited, title, rule.severity, service, environment)
    else:
        incident_id = found.incident.id
        _join(draft, found.incident, awaited)
        draft.record(incident_id, "EventJoined", rule.name, awaited.summary, data=given)
    policy = library_of(draft, incident_id, rule.policy).policies.get(rule.policy)
    page(draft, incident_id, "system_event", awaited.summary, policy)


def _join(draft: Draft, incident: Incident, awaited: AwaitedEvent) -> None:
    """Let an incident that is there for an event be there for this one too."""
    if incident.opened_by is not None:
        draft.update(incident.id, joined_by=[*incident.joined_by, awaited][-AWAITED:])


def _keep_few(draft: Draft) -> None:
    """Let the oldest page at once where there are too many."""
    for each in draft.awaited[:-AWAITED]:
        draft.awaited = draft.awaited[1:]
        _page_for(draft, each)
    _look_again(draft)


def _look_again(draft: Draft) -> None:
    due = [each.due for each in draft.awaited]
    if due:
        draft.set_timer(Timer(id=TIMER, due=min(due), kind=TimerKind.STEP_RETRY, incident_id=""))
    else:
        draft.timers.pop(TIMER, None)
