"""The working copy of one decision: the record as it will be, and what goes out. It lives only within `decide`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, count
from typing import Any

from app.core.bounds import JOINS_ON_TIMELINE, LINE_CHARS, TIMELINE, cut
from app.core.clocks import clock_of_alert, note_clock, note_lag, onset
from app.core.domains import team_of
from app.core.identity import output_id
from app.model.commands import Link
from app.model.control import Control
from app.model.evidence import Change
from app.model.incident import Beat, Incident, IncidentSnapshot, Member, TimelineEntry
from app.model.inputs import Actor, AlertSignal
from app.model.keeping import Task
from app.model.ladder import AwaitedEvent
from app.model.library import Library
from app.model.moving import Moving, Waiting
from app.model.outputs import IncidentEvent, Output
from app.model.pages import ShownPages
from app.model.quiet import Quiet
from app.model.signals import Source
from app.model.timers import Timer
from app.model.words import Mode, TimerKind

FIGURES = ("Paged", "PageAcknowledged", "PageStopped")
"""Events of each page, from which its figures are reckoned; the timeline tells people the same in fewer lines."""


@dataclass
class Draft:
    """A domain's state while a batch is decided, with the current signal's cause and time."""

    domain: str
    at: datetime
    libraries: Mapping[str, Library]
    library: Library
    """The library in force for this batch."""
    mode: Mode | None
    """The mode that the batch is limited to."""
    incidents: dict[str, Incident]
    changes: list[Change]
    timers: dict[str, Timer]
    lags: list[int] = field(default_factory=list)
    """How late the newest alerts came, in seconds."""
    change_lags: list[int] = field(default_factory=list)
    """How late the newest system events came, in seconds."""
    clocks: dict[str, list[int]] = field(default_factory=dict)
    """How late what each clock tells of came, in seconds."""
    onsets: dict[str, datetime] = field(default_factory=dict)
    """Fingerprint to when an alert began that came before and takes effect now."""
    control: Control | None = None
    """What the domain `control` remembers; None in every other."""
    quiet: Quiet = field(default_factory=Quiet)
    must_judge: bool = False
    """Whether something that kept alerts quiet is over, so that what is held must be judged anew."""
    unmuting: set[str] = field(default_factory=set)
    """Alerts that keep nothing quiet any more, so that what each of them muted must be judged anew."""
    heartbeat: Beat | None = None
    """What the domain of a heartbeat remembers; None in every other."""
    tasks: dict[str, Task] = field(default_factory=dict)
    """Follow-ups whose tickets are not closed."""
    turns: dict[str, int] = field(default_factory=dict)
    """How often the turn of each level in round robin came here."""
    awaited: list[AwaitedEvent] = field(default_factory=list)
    """System events that page unless they are over in time."""
    made: list[AlertSignal] = field(default_factory=list)
    """Alerts that are made up here, to be decided right after the signal that is the cause."""
    forgotten: list[str] = field(default_factory=list)
    """Identities that are remembered no more: the same input counts anew when it is sent once more."""
    cause: str = ""
    """The identity of the signal that is being decided."""
    source: Source = field(default_factory=Source)
    """Where that signal was read."""
    outputs: list[Output] = field(default_factory=list)
    touched: dict[str, None] = field(default_factory=dict)
    """Incidents that changed, in order; each gets a snapshot at the batch's end."""
    own: dict[str, dict[str, Member]] = field(default_factory=dict)
    """Incident id to members that were copied for this draft, and so may be changed in place."""
    seen: dict[str, None] = field(default_factory=dict)
    """Short hashes of the identities that were applied, the newest last."""
    moving: Moving = field(default_factory=Moving)
    """What is remembered of services that moved."""
    arrived: list[Waiting] = field(default_factory=list)
    """Signals that were forwarded here, or waited, to be decided right after the signal that is the cause."""
    unheard_moves: dict[str, str] = field(default_factory=dict)
    """Services that are decided upon without word of the domains that they were in, and why."""

    @property
    def takes_part(self) -> bool:
        """Whether services can move from here or to here: not in `control`, nor in the domain of a heartbeat."""
        return "/" in self.domain

    closed: dict[str, Incident] = field(default_factory=dict)
    """Incidents that left `incidents`, by id; each gets a snapshot at the batch's end."""
    shelf: dict[str, Incident] = field(default_factory=dict)
    """Closed incidents to whose reviews facts may still be added."""
    pages: ShownPages | None = None
    """What the domain `library` remembers; None in every other."""

    def new_id(self, name: str) -> str:
        """Give the id of an output of this cause; `name` is unique within the cause."""
        return output_id(self.domain, self.cause, name)

    def new_incident_id(self) -> str:
        """Give the id of an incident; a cause may open several, as a timer does for events whose time is over together."""
        names = chain(["incident"], (f"incident/{number}" for number in count(2)))
        return next(id_ for id_ in map(self.new_id, names) if id_ not in self.incidents)

    def onset(self, signal: AlertSignal) -> datetime:
        """Give when an alert began, by broker time."""
        known = self.onsets.get(signal.alert.fingerprint)
        return known or onset(signal.alert, self.at, self.lags, self.clocks.get(self._clock_of(signal), ()))

    def note_lag(self, signal: AlertSignal) -> None:
        """Take note of how late an alert that fires came."""
        self.lags = note_lag(self.lags, signal.alert.starts_at, self.at)
        self.clocks = note_clock(self.clocks, self._clock_of(signal), signal.alert.starts_at, self.at)

    def _clock_of(self, signal: AlertSignal) -> str:
        return clock_of_alert(signal.alert, team_of(signal.service, self.library))

    def object_id(self, incident_id: str, name: str) -> str:
        """Give the id of an object that an incident has one of: its ticket, conversation or document."""
        return output_id(self.incidents[incident_id].home_domain or self.domain, incident_id, name)

    def update(self, incident_id: str, **fields: object) -> Incident:
        """Change fields of an incident."""
        changed = self.incidents[incident_id].model_copy(update=fields)
        self.incidents[incident_id] = changed
        self.touched[incident_id] = None
        return changed

    def own_members(self, incident_id: str) -> dict[str, Member]:
        """Give the incident's members to be changed in place.

        They are copied once a draft, so that an alert costs the same whether its incident has ten others or thousands.
        """
        members = self.incidents[incident_id].members
        if members is not self.own.get(incident_id):
            members = self.own[incident_id] = dict(members)
            self.update(incident_id, members=members)
        return members

    def update_quiet(self, **fields: object) -> Quiet:
        """Change fields of what is remembered of noise."""
        self.quiet = self.quiet.model_copy(update=fields)
        return self.quiet

    def update_moving(self, **fields: object) -> Moving:
        """Change fields of what is remembered of services that moved."""
        self.moving = self.moving.model_copy(update=fields)
        return self.moving

    def record(
        self,
        incident_id: str,
        kind: str,
        reason: str,
        text: str = "",
        *,
        actor: Actor | None = None,
        data: dict[str, str] | None = None,
    ) -> None:
        """Put an event of the incident out, and a line on its timeline."""
        incident = self.incidents[incident_id]
        seq = incident.seq + 1
        self.outputs.append(
            IncidentEvent(
                id=self.new_id(f"{incident_id}/event/{seq}"),
                seq=seq,
                incident_id=incident_id,
                domain=self.domain,
                type=kind,
                reason=reason,
                text=text,
                at=self.at,
                cause=self.cause,
                actor=actor,
                data=data or {},
                mode=incident.mode,
            )
        )
        timeline = incident.timeline
        if kind not in FIGURES and (kind != "AlertJoined" or incident.alert_count <= JOINS_ON_TIMELINE):
            words = cut(text, LINE_CHARS)
            line = TimelineEntry(seq=seq, at=self.at, type=kind, reason=reason, text=words, actor=actor)
            timeline = [*timeline, line][-TIMELINE:]
        self.update(incident_id, seq=seq, timeline=timeline)

    def run_home(self, incident_id: str, execution_id: str) -> str:
        """Give the domain that an execution was started in."""
        return self.incidents[incident_id].run_homes.get(execution_id, self.domain)

    def header(self, incident_id: str, object_id: str, name: str) -> dict[str, Any]:
        """Give the fields that every command of the incident bears; counts the object's revision up."""
        incident = self.incidents[incident_id]
        revision = incident.revisions.get(object_id, 0) + 1
        incident = self.update(incident_id, revisions={**incident.revisions, object_id: revision})
        return {
            "id": self.new_id(f"{incident_id}/{name}/{revision}"),
            "object_id": object_id,
            "revision": revision,
            "domain": self.domain,
            "incident_id": incident_id,
            "environment": incident.environment,
            "service": incident.service,
            "team": incident.team,
            "severity": incident.severity,
            "urgency": incident.urgency,
            "title": incident.title,
            "links": links_of(incident),
            "mode": incident.mode,
            "issued_at": self.at,
            "refs": incident.refs,
        }

    def set_timer(self, timer: Timer) -> None:
        """Set a timer, in place of one with its id."""
        self.timers[timer.id] = timer

    def drop_timers(
        self,
        *kinds: TimerKind,
        incident_id: str,
        execution_id: str = "",
        step: str = "",
        starting: str = "",
    ) -> None:
        """Cancel timers of an incident: of these kinds (all, if none is named), of an execution or a step, with ids that begin so."""
        self.timers = {
            id_: timer
            for id_, timer in self.timers.items()
            if timer.incident_id != incident_id
            or (kinds and timer.kind not in kinds)
            or (execution_id and timer.execution_id != execution_id)
            or (step and timer.step != step)
            or not id_.startswith(starting)
        }

    def close(self, incident_id: str, *, has_changed: bool = True) -> None:
        """Let an incident leave those that are decided upon; what changed gets a snapshot, which stays on `incidents`."""
        self.drop_timers(incident_id=incident_id)
        incident = self.incidents.pop(incident_id)
        if has_changed:
            self.closed[incident_id] = incident
        self.touched.pop(incident_id, None)


def links_of(incident: IncidentSnapshot) -> list[Link]:
    """Give the links of the incident's first alert."""
    if not incident.alerts:
        return []
    first = incident.alerts[0]
    known = (
        ("Runbook", first.annotations.get("runbook_url", "")),
        ("Dashboard", first.annotations.get("dashboard_url", "")),
        ("Source", first.generator_url),
    )
    return [Link(title=title, url=url) for title, url in known if url]


def snapshot(incident: Incident) -> IncidentSnapshot:
    """Give what everybody may see of an incident."""
    return IncidentSnapshot.model_construct(
        **{name: getattr(incident, name) for name in IncidentSnapshot.model_fields}
    )
