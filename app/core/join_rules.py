"""Explicit rules on what belongs together: they settle what evidence would only weigh."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from app.model.correlation import JoinRule, JoinWord
from app.model.evidence import AlertView
from app.model.incident import Incident
from app.model.library import Library
from app.model.matchers import Match


def fits(match: Match, labels: Mapping[str, str]) -> bool:
    """Whether a side of a rule fits an alert's labels; one that says nothing fits all."""
    return not match.alternatives or match.best(labels) is not None


def rule_for(
    rules: Iterable[JoinRule], labels: Mapping[str, str], starts_at: datetime | None, incident: Incident
) -> JoinRule | None:
    """Give the rule that settles whether an alert belongs to an incident: one that says never before one that says always.

    `rules` are those whose `then` fits the alert.
    """
    found = [
        rule
        for rule in rules
        if any(
            fits(rule.first, view.labels) and _agree(rule, view, labels, starts_at)
            for view in incident.alerts
        )
    ]
    return min(found, key=lambda rule: rule.join is not JoinWord.NEVER, default=None)


def keeps_apart(one: Incident, other: Incident, library: Library) -> JoinRule | None:
    """Give a rule that says never of an alert of one incident and one of the other, whichever came first; None: they may become one."""
    never = (each for each in library.correlation.rules if each.join is JoinWord.NEVER)
    return next((each for each in never if _parts(each, one, other) or _parts(each, other, one)), None)


def _parts(rule: JoinRule, first: Incident, then: Incident) -> bool:
    firsts = [view for view in first.alerts if fits(rule.first, view.labels)]
    thens = [view for view in then.alerts if fits(rule.then, view.labels)] if firsts else []
    return any(_agree(rule, view, later.labels, later.starts_at) for later in thens for view in firsts)


def _agree(rule: JoinRule, view: AlertView, labels: Mapping[str, str], starts_at: datetime | None) -> bool:
    """Tell whether an alert has the rule's labels in common with another, and began as near to it as the rule says."""
    if any(view.labels.get(name, "") != labels.get(name, "") for name in rule.equal):
        return False
    if rule.within is None or view.starts_at is None or starts_at is None:
        return True
    return abs(starts_at - view.starts_at) <= rule.within
