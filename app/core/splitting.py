"""Some alerts of an incident become one of their own, because a person says so."""

from __future__ import annotations

from app.core.correlation import Correlation
from app.core.draft import Draft
from app.core.membership import common_labels, hold, signal_of, since
from app.core.memory import affected_of
from app.core.opening import open_for_alert
from app.core.owners import reconsider
from app.core.paging import page
from app.core.people import named
from app.core.quiet import flapping
from app.core.selection import select
from app.model.base import Values
from app.model.evidence import AlertView
from app.model.incident import Incident, Member
from app.model.inputs import Response
from app.model.matchers import MatcherError, parse_matcher


def split(draft: Draft, incident: Incident, response: Response) -> str:
    """Split alerts off; give why not, by name, where it cannot be done (empty: done)."""
    try:
        chosen = _chosen(incident, response.output)
    except MatcherError:
        return "no_matcher"
    if not chosen:
        return "no_such_alert"
    if len(chosen) == len(incident.members) and not incident.overflow_firing:
        return "nothing_left"
    if not any(member.f for member in chosen.values()):
        return "none_fires"
    views = [view for view in incident.alerts if view.fingerprint in chosen]
    firing = [view for view in views if chosen[view.fingerprint].f]
    if not firing:
        return "alert_not_shown"
    worst = max(firing, key=lambda view: view.severity.rank)
    _let_go(draft, incident, chosen)
    new_id = _open(draft, incident, worst, views, chosen)
    for each in (incident.id, new_id):
        draft.update(each, kept_apart=True)
    reconsider(draft, incident, incident.id)
    _tell(draft, incident, new_id, len(chosen), response)
    return ""


def _chosen(incident: Incident, output: Values) -> dict[str, Member]:
    """Give the alerts that a response names: by `fingerprints`, or by `match`, whose lines must all hold.

    Raises:
        MatcherError: a line is no matcher.

    """
    fingerprints = set(_texts(output.get("fingerprints")))
    matchers = [parse_matcher(line) for line in _texts(output.get("match"))]
    if matchers:
        fingerprints |= {
            view.fingerprint
            for view in incident.alerts
            if all(each.matches(view.labels) for each in matchers)
        }
    return {id_: member for id_, member in incident.members.items() if id_ in fingerprints}


def _texts(value: object) -> list[str]:
    return (
        [str(each) for each in value]
        if isinstance(value, list)
        else [value]
        if isinstance(value, str)
        else []
    )


def _let_go(draft: Draft, incident: Incident, chosen: dict[str, Member]) -> None:
    """Let the incident have the others only; a service none of whose alerts it has any more is no longer affected there."""
    left = [view for view in incident.alerts if view.fingerprint not in chosen]
    are_all_shown = len(left) == len(incident.members) - len(chosen) and not incident.overflow_firing
    gone = {view.service for view in incident.alerts} - {view.service for view in left}
    affected = {name: each for name, each in affected_of(incident).items() if name not in gone}
    draft.update(
        incident.id,
        labels=common_labels(left) if are_all_shown else incident.labels,
        affected=affected if are_all_shown else incident.affected,
        members={id_: member for id_, member in incident.members.items() if id_ not in chosen},
        alerts=left,
        firing=incident.firing - sum(member.f for member in chosen.values()),
        alert_count=incident.alert_count - len(chosen),
    )


def _open(
    draft: Draft, old: Incident, worst: AlertView, views: list[AlertView], chosen: dict[str, Member]
) -> str:
    """Open the new incident. A runbook that ran for the old one is a person's to start again, so that nothing is done twice."""
    selection = select(worst, draft.library)
    ran = {run.runbook_id for run in old.executions if not run.parent_id}
    again = selection.runbook is not None and selection.runbook.id in ran
    why = Correlation("open", "split_by_person")
    new_id = open_for_alert(draft, signal_of(worst, old.environment), why, starts=not again)
    for view in views:
        if view is not worst:
            hold(draft, new_id, signal_of(view, old.environment))
    new = draft.incidents[new_id]
    unseen = {id_: since(member, old, new) for id_, member in chosen.items() if id_ not in new.members}
    flapping.move(draft, chosen, old.id, new_id)
    members = {**new.members, **unseen}
    firing = sum(member.f for member in members.values())
    draft.update(new_id, members=members, firing=firing, alert_count=len(members))
    if again:
        page(
            draft, new_id, "ran_before_split", f"runbook {selection.runbook.id if selection.runbook else ''}"
        )
    return new_id


def _tell(draft: Draft, old: Incident, new_id: str, count: int, response: Response) -> None:
    who = named(response.actor, draft.library)
    said = f": {response.text}" if response.text else ""
    words = f"{who} split {count} of its alerts off: {draft.incidents[new_id].title!r}{said}"
    facts = {"into": new_id, "alerts": str(count)}
    draft.record(old.id, "IncidentSplit", "by_person", words, actor=response.actor, data=facts)
    words = f"{who} split it off {old.title!r}{said}"
    facts = {"incident": old.id, "alerts": str(count)}
    draft.record(new_id, "SplitOff", "by_person", words, actor=response.actor, data=facts)
