"""Which incident an alert belongs to, and why.

    one that knows the alert already → the open one of its own service, or that most speaks for → one that was resolved just now → a new one

What is decided live never joins an incident in shadow, where it would page nobody, nor the other way round.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.core.bounds import OPEN_INCIDENTS
from app.core.evidence import Arriving, Weighed, weigh
from app.model.base import Instant
from app.model.correlation import CorrelationRules, JoinWord
from app.model.incident import Incident, Member
from app.model.inputs import Alert, AlertSignal
from app.model.library import Library
from app.model.words import AlertStatus, IncidentStatus, Mode, Severity

OPEN = (IncidentStatus.TRIGGERED, IncidentStatus.ACKNOWLEDGED, IncidentStatus.MITIGATED)


@dataclass(frozen=True)
class Correlation:
    """What is to be done with an alert."""

    verdict: Literal["open", "join", "reopen", "note", "ignore"]
    """`note`: an alert ended whose incident is over already; it counts as firing no more, should that come back."""
    reason: str
    incident_id: str = ""
    weighed: Weighed | None = None
    """What speaks for the incident that it joins, or for the likeliest of those that it does not."""
    tied: tuple[Weighed, ...] = ()
    """Other open incidents for which almost as much speaks: the alert ties them to the one that it joins, unless a rule says never."""

    @property
    def words(self) -> str:
        """What speaks for it, in words; empty where nothing had to be weighed."""
        return self.weighed.words if self.weighed is not None else ""

    def facts(self, alert: Alert) -> dict[str, str]:
        """Give what an event says of the alert: what it is, and what speaks for its place."""
        facts = {"fingerprint": alert.fingerprint, "alertname": alert.name}
        if self.weighed is not None:
            facts |= {"score": str(self.weighed.total), "likeliest": self.weighed.incident.id}
            facts |= {each.name: str(each.weight) for each in self.weighed.evidence}
        return facts


def correlate(
    signal: AlertSignal, mode: Mode, incidents: Iterable[Incident], library: Library, began: datetime
) -> Correlation:
    """Find the incident that the alert joins or reopens, or say that it opens one, or that it changes nothing.

    `mode` is that of an incident that the alert would open now; `began` is when it began, by broker time.
    """
    alert = signal.alert
    if signal.severity is Severity.NONE:
        return Correlation("ignore", "severity_none")
    newest_first = sorted(incidents, key=lambda each: _nearness(alert, each), reverse=True)
    for incident in newest_first:
        member = incident.members.get(alert.fingerprint)
        known = _known(alert, incident, member) if member is not None else None
        if known is not None and (same_side(incident, mode) or not _comes_back(alert, member, known)):
            return known
    if alert.status is AlertStatus.RESOLVED:
        return _resolved_beyond(signal, newest_first, library, began)
    return _best(signal, [each for each in newest_first if same_side(each, mode)], library, began)


def find_open(incidents: Iterable[Incident], mode: Mode) -> list[Incident]:
    """Give the open incidents of the domain that something decided in that mode may belong to."""
    return [each for each in incidents if each.status in OPEN and same_side(each, mode)]


def _best(signal: AlertSignal, incidents: list[Incident], library: Library, began: datetime) -> Correlation:
    """Judge an alert that no incident knows by what speaks for each of them."""
    settings = library.correlation
    arriving = Arriving(signal, library, began)
    every = [weigh(arriving, each) for each in incidents]
    weighed = [each for each in every if each.rule is None or each.rule.join is JoinWord.ALWAYS]
    open_ones = [each for each in weighed if each.incident.status in OPEN]
    best = max(open_ones, key=lambda each: _draw(each, settings.join_at), default=None)
    if best is not None and (best.rule is not None or best.total >= settings.join_at):
        return Correlation("join", best.strongest, best.incident.id, best, _tied(best, every, library, began))
    all_open = [each for each in every if each.incident.status in OPEN]
    if len(all_open) >= OPEN_INCIDENTS:
        likeliest = best or max(all_open, key=_evidence)
        return Correlation("join", "too_many_incidents", likeliest.incident.id, likeliest)
    over = max(
        (each for each in weighed if each.incident.status is IncidentStatus.RESOLVED), key=_rank, default=None
    )
    if over is not None and over.total >= settings.reopen_at:
        return Correlation("reopen", over.strongest, over.incident.id, over)
    return _opens(all_open)


def _opens(open_ones: list[Weighed]) -> Correlation:
    """Say why an alert opens an incident of its own beside those that are open: the likeliest of them is not enough, or a rule forbids it."""
    likeliest = max(open_ones, key=_evidence, default=None)
    if likeliest is None:
        return Correlation("open", "first_alert")
    reason = "unrelated" if likeliest.rule is None else likeliest.strongest
    return Correlation("open", reason, weighed=likeliest)


def _tied(best: Weighed, every: list[Weighed], library: Library, began: datetime) -> tuple[Weighed, ...]:
    """Give the other open incidents that an alert ties to the one that it joins, also where a rule says never: all of them young.

    A thing that they share does not count here: many have a machine in common.
    """
    settings = library.correlation
    if not is_young(best.incident, began, settings) or best.rule is not None:
        return ()
    others = (
        each
        for each in every
        if each is not best and each.incident.status in OPEN and is_young(each.incident, began, settings)
    )
    return tuple(each for each in others if each.total_without("same_entity") >= settings.merge_at)


def is_young(incident: Incident, at: datetime, settings: CorrelationRules) -> bool:
    """Tell whether an incident was opened so lately that it may turn out to be part of another; what came back or was split is not."""
    is_new = abs(at - incident.opened_at) <= settings.merge_within
    return is_new and not (incident.reopened or incident.kept_apart)


def _draw(weighed: Weighed, join_at: float) -> tuple[bool, bool, tuple[bool, float, Instant, str]]:
    """Give what sorts open incidents: an explicit rule, then the one where the alert is at home, then as `_rank` does.

    A machine or a path in common does not draw an alert away from the grave incident of its own service.
    """
    return weighed.rule is not None, weighed.is_home and weighed.total >= join_at, _rank(weighed)


def _rank(weighed: Weighed) -> tuple[bool, float, Instant, str]:
    """Give what sorts incidents: an explicit rule, then as `_evidence` does."""
    return weighed.rule is not None, *_evidence(weighed)


def _evidence(weighed: Weighed) -> tuple[float, Instant, str]:
    """Give what sorts incidents whatever rules say: the evidence, then the newest."""
    return weighed.total, weighed.incident.opened_at, weighed.incident.id


def _nearness(alert: Alert, incident: Incident) -> tuple[bool, Instant, str]:
    """Give what sorts incidents: where the alert fires now is nearest, then the newest."""
    member = incident.members.get(alert.fingerprint)
    fires_there = incident.status in OPEN and member is not None and member.f
    return fires_there, incident.opened_at, incident.id


def same_side(incident: Incident, mode: Mode) -> bool:
    """Tell whether an incident is live or in shadow as what is decided in that mode."""
    return (incident.mode is Mode.SHADOW) == (mode is Mode.SHADOW)


def _comes_back(alert: Alert, member: Member | None, known: Correlation) -> bool:
    """Tell whether the alert begins a new story there, rather than going on with one."""
    fires_anew = alert.status is AlertStatus.FIRING and member is not None and not member.f
    return known.verdict == "reopen" or (known.verdict == "join" and fires_anew)


def _known(alert: Alert, incident: Incident, member: Member) -> Correlation | None:
    """Judge an alert that the incident has already; None where it belongs to a later story."""
    if incident.status in OPEN:
        return _known_in_open(alert, incident, member)
    if alert.status is AlertStatus.RESOLVED:
        ends = _known_in_open(alert, incident, member).verdict == "join"
        return Correlation("note" if ends else "ignore", "incident_is_resolved", incident.id if ends else "")
    if alert.starts_at is not None and member.s is not None and alert.starts_at <= member.s:
        return Correlation("ignore", "same_firing_as_resolved")
    return Correlation("reopen", "fires_again", incident.id)


def _known_in_open(alert: Alert, incident: Incident, member: Member) -> Correlation:
    fires = alert.status is AlertStatus.FIRING
    same_start = alert.starts_at is None or alert.starts_at == member.s
    if alert.starts_at is not None and member.s is not None and alert.starts_at < member.s:
        if member.f and not fires and _ends_it_all_the_same(alert, member.s):
            return Correlation("join", "known_alert", incident.id)
        return Correlation("ignore", "older_than_known")
    if fires == member.f and same_start:
        return Correlation("ignore", "unchanged")
    if fires and not member.f and same_start and alert.starts_at is not None:
        return Correlation("ignore", "already_resolved")
    return Correlation("join", "known_alert", incident.id)


def _ends_it_all_the_same(alert: Alert, fires_since: Instant) -> bool:
    """Tell whether an end with an earlier beginning is about this firing.

    Of two monitoring replicas one may have seen it fire earlier, and Alertmanager sends their merged alert; and an end
    that was posted by hand reaches us from there with a beginning that equals it.
    """
    starts, ends = alert.starts_at, alert.ends_at
    return starts is not None and ends is not None and (ends > fires_since or starts >= ends)


def _resolved_beyond(
    signal: AlertSignal, incidents: list[Incident], library: Library, began: datetime
) -> Correlation:
    """A resolved alert that no incident holds may be one of those beyond what an incident holds exactly."""
    arriving = Arriving(signal, library, began)
    beyond = [each for each in incidents if each.status in OPEN and each.overflow_firing]
    best = max((weigh(arriving, each) for each in beyond), key=_rank, default=None)
    if best is not None:
        return Correlation("join", "beyond_exact_members", best.incident.id)
    return Correlation("ignore", "resolved_and_unknown")
