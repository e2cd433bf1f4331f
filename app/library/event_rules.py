"""`events`: which system events page without an alert."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from app.core.escalation.events import ATTRIBUTES
from app.library.contradictions import contradiction
from app.library.fields import Fields
from app.library.problems import suggest
from app.model.matchers import Matcher
from app.model.policy import EventRule, Unless
from app.model.words import Severity

if TYPE_CHECKING:
    from app.library.manifests import Manifests

_EXAMPLE = 'such as [type="failover"]'


def read_event_rule(name: str, fields: Fields) -> EventRule:
    """Read a rule."""
    return EventRule(
        name=name,
        matchers=_matchers(fields),
        policy=fields.text("policy"),
        severity=_severity(fields),
        title=fields.text("title"),
        unless=_unless(fields),
    )


def check_event_rules(manifests: Manifests) -> None:
    """Check that the policies are there which rules name."""
    for rule in manifests.events.values():
        if rule.policy and rule.policy not in manifests.policies:
            findings, place = manifests.places["events", rule.name]
            known = sorted(manifests.policies)
            mend = suggest(rule.policy, known) if known else "say it in a manifest; there is no policy at all"
            words = f"events {rule.name} names the policy {rule.policy!r}, which is nowhere said"
            findings.error(place, words, mend)


def _severity(fields: Fields) -> Severity:
    severity = fields.word("severity", Severity) or EventRule("", ()).severity
    if severity is Severity.NONE:
        words = "severity: none would open no incident"
        fields.findings.error(fields.place_of("severity"), words, "critical, error, warning or info")
    return severity


def _unless(fields: Fields) -> Unless | None:
    said = fields.located("unless")
    if said is None:
        return None
    inner = Fields(said, fields.findings, "unless")
    unless = Unless(
        matchers=_matchers(inner),
        within=inner.duration("within", timedelta()),
        equal=_equal(inner),
    )
    if not unless.within:
        fields.findings.error(
            said.place, "unless needs within:", "how long to wait for the other event, such as 2m"
        )
    inner.finish()
    return unless


def _equal(fields: Fields) -> tuple[str, ...]:
    for each in fields.items("equal"):
        if str(each.plain()) not in ATTRIBUTES:
            mend = suggest(str(each.plain()), list(ATTRIBUTES))
            fields.findings.error(each.place, f"equal: events have no attribute {each.plain()!r}", mend)
    return fields.texts("equal") if "equal" in fields else Unless((), timedelta()).equal


def _matchers(fields: Fields) -> tuple[Matcher, ...]:
    matchers = fields.matchers("match")
    place = fields.place_of("match")
    if not fields.items("match"):
        fields.findings.error(place, f"{fields.what} needs match:", _EXAMPLE)
    for each in matchers:
        if each.name not in ATTRIBUTES:
            mend = suggest(each.name, list(ATTRIBUTES))
            fields.findings.error(place, f"match: events have no attribute {each.name!r}", mend)
    if why := contradiction(matchers):
        fields.findings.error(place, f"match can never match: {why}", "take one of them out")
    return matchers
