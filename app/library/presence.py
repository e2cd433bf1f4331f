"""`sources` and `heartbeats`: whose end nobody tells, and what must keep coming."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from itertools import combinations
from typing import TYPE_CHECKING

from app.library.fields import Fields, parse_duration
from app.library.implication import may_both_hold
from app.library.problems import suggest
from app.model.matchers import Match, specificity
from app.model.presence import AlertSource, Heartbeat, Resolves
from app.model.words import Severity

if TYPE_CHECKING:
    from app.library.manifests import Manifests

LEAST = timedelta(seconds=10)
"""The shortest time after which it can mean anything that nothing came."""
MOST = timedelta(days=31)
DEFAULT_EVERY = timedelta(minutes=5)


def read_source(name: str, fields: Fields) -> AlertSource:
    """Read a source: its matchers, and `resolves: alert | after DURATION | manual`."""
    match = _match(f"source {name}", fields)
    word, _, rest = fields.text("resolves", Resolves.ALERT.value).partition(" ")
    place = fields.place_of("resolves")
    known = [each.value for each in Resolves]
    if word not in known:
        fields.findings.error(place, f"resolves: {word!r} is unknown", suggest(word, known))
        return AlertSource(name, match)
    resolves = Resolves(word)
    if resolves is not Resolves.AFTER:
        if rest:
            fields.findings.error(place, f"resolves: {word} needs nothing more", f"write resolves: {word}")
        return AlertSource(name, match, resolves)
    after = parse_duration(rest.strip())
    if after is None or not LEAST <= after <= MOST:
        words = f"resolves: after {rest.strip()!r} is no time from 10s to 31d"
        fields.findings.error(place, words, "write it as after 30m: longer than the source repeats an alert")
        return AlertSource(name, match)
    return AlertSource(name, match, resolves, after)


def read_heartbeat(name: str, fields: Fields) -> Heartbeat:
    """Read a heartbeat."""
    every = fields.duration("every", DEFAULT_EVERY)
    if "every" not in fields:
        mend = "how often it comes, such as every: 5m; of Alertmanager that is repeat_interval"
        fields.findings.error(fields.place, f"heartbeat {name} does not say every:", mend)
    grace = fields.duration("grace", every)
    for field, value in (("every", every), ("grace", grace)):
        if (field == "every" or field in fields) and not LEAST <= value <= MOST:
            words = f"{field} of heartbeat {name} is no time from 10s to 31d"
            fields.findings.error(fields.place_of(field), words, "write it as 5m")
    if "/" in name:
        fields.findings.error(fields.place, f"heartbeat {name}: its name has a slash", "take it out")
    severity = fields.word("severity", Severity) or Severity.CRITICAL
    if severity is Severity.NONE:
        words = f"heartbeat {name} has severity none, so that nothing would come of its absence"
        fields.findings.error(fields.place_of("severity"), words, "give it another one, or take it out")
    return Heartbeat(
        name=name,
        match=_match(f"heartbeat {name}", fields),
        every=every,
        grace=grace,
        service=fields.text("service"),
        severity=severity,
        title=fields.text("title"),
    )


def check_presence(manifests: Manifests) -> None:
    """Check that heartbeats name services that are there, and that of two that match one alert it is clear whose it is."""
    for heartbeat in manifests.heartbeats.values():
        if heartbeat.service and heartbeat.service not in manifests.services:
            findings, place = manifests.places["heartbeats", heartbeat.name]
            known = sorted(manifests.services)
            mend = suggest(heartbeat.service, known) if known else "say it under services:, or leave it out"
            findings.error(place, f"heartbeat {heartbeat.name}: no service {heartbeat.service!r}", mend)
    _check_overlap("heartbeats", manifests.heartbeats, manifests)
    _check_overlap("sources", manifests.sources, manifests)


def _check_overlap(
    section: str, found: Mapping[str, AlertSource] | Mapping[str, Heartbeat], manifests: Manifests
) -> None:
    matches = [(name, each.match) for name, each in found.items()]
    for (one, match), (other, others) in combinations(matches, 2):
        ties = any(
            specificity(a) == specificity(b) and may_both_hold(a, b)
            for a in match.alternatives
            for b in others.alternatives
        )
        if ties:
            findings, place = manifests.places[section, other]
            words = f"{section}: an alert may match {one} and {other} equally well"
            findings.error(place, words, "add a matcher to one of them, or a label that differs to both")


def _match(what: str, fields: Fields) -> Match:
    match = fields.match()
    if not match.alternatives:
        mend = 'write match: alertname="Watchdog"'
        fields.findings.error(fields.place_of("match"), f"{what} matches nothing", mend)
    return match
