"""Which incident each firing went to, read off what the engine puts out and off nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from app.evaluate.scenario import Episode
from app.evaluate.scores import Cluster
from app.model.commands import ChatCommand, EscalationCommand
from app.model.incident import IncidentSnapshot
from app.model.outputs import IncidentEvent, Output
from app.model.words import IncidentStatus

_OPEN = (IncidentStatus.TRIGGERED, IncidentStatus.ACKNOWLEDGED, IncidentStatus.MITIGATED)
_TAKES = ("IncidentOpened", "IncidentReopened", "AlertJoined", "AlertFiring")
"""Events that say that an incident holds a firing."""


@dataclass
class Following:
    """What is known so far."""

    newest: dict[str, Episode] = field(default_factory=dict)
    """Fingerprint to its newest firing that was told."""
    home: dict[Episode, str] = field(default_factory=dict)
    """Firing to the incident that took it; a later one counts."""
    holders: dict[str, str] = field(default_factory=dict)
    """Fingerprint to the incident that took it last."""
    snapshots: dict[str, IncidentSnapshot] = field(default_factory=dict)
    """Each incident as it stood last while it was open."""
    opened: dict[str, bool] = field(default_factory=dict)
    """Each incident, in order, and whether it is open."""
    notifications: Counter[str] = field(default_factory=Counter)

    def expect(self, episode: Episode) -> None:
        """Take note that a firing is about to be told."""
        known = self.newest.get(episode.fingerprint)
        if known is None or known.starts_at < episode.starts_at:
            self.newest[episode.fingerprint] = episode

    def see(self, outputs: Iterable[Output]) -> None:
        """Take in what came out."""
        for output in outputs:
            if isinstance(output, IncidentEvent) and output.type in _TAKES:
                self._take(output)
            elif isinstance(output, IncidentEvent) and output.type == "IncidentMerged":
                self._merge(output.incident_id, output.data["into"])
            elif isinstance(output, IncidentSnapshot):
                self._look(output)
            elif (isinstance(output, EscalationCommand) and output.op == "notify") or (
                isinstance(output, ChatCommand) and output.op == "post"
            ):
                self.notifications[output.incident_id] += 1

    def settle(self, episode: Episode) -> None:
        """Take a firing that nothing was said of for one of the incident that holds its alert already, if that is open."""
        holder = self.holders.get(episode.fingerprint)
        if episode not in self.home and holder is not None and self.opened.get(holder):
            self.home[episode] = holder

    def clusters(self) -> list[Cluster]:
        """Give the incidents that hold firings, in the order they were opened."""
        found: dict[str, set[Episode]] = {incident: set() for incident in self.opened}
        for episode, incident in self.home.items():
            found[incident].add(episode)
        return [
            Cluster(
                episodes=frozenset(episodes),
                service=self.snapshots[incident].service,
                changes=suspected(self.snapshots[incident]),
                notifications=self.notifications[incident],
            )
            for incident, episodes in found.items()
            if episodes
        ]

    def _take(self, event: IncidentEvent) -> None:
        self.opened.setdefault(event.incident_id, True)
        fingerprint = event.data.get("fingerprint") or _fingerprint(event.cause)
        episode = self.newest.get(fingerprint)
        if episode is not None:
            self.home[episode] = event.incident_id
            self.holders[fingerprint] = event.incident_id

    def _merge(self, source: str, target: str) -> None:
        """Take what an incident held for what the one holds that it was merged into."""
        self.home |= {episode: target for episode, held in self.home.items() if held == source}
        self.holders |= {fingerprint: target for fingerprint, held in self.holders.items() if held == source}
        self.notifications[target] += self.notifications.pop(source, 0)
        self.snapshots.pop(source, None)

    def _look(self, snapshot: IncidentSnapshot) -> None:
        is_open = snapshot.status in _OPEN
        self.opened[snapshot.id] = is_open
        if is_open or snapshot.id not in self.snapshots:
            self.snapshots[snapshot.id] = snapshot


def suspected(snapshot: IncidentSnapshot) -> tuple[str, ...]:
    """Give the ids of the changes that an incident suspects, best first."""
    return tuple(each.change_id for each in snapshot.suspects)


def _fingerprint(cause: str) -> str:
    """Give the fingerprint in an alert's identity; of an incident that was reopened nothing else names it."""
    kind, _, rest = cause.partition(":")
    return rest.partition(":")[0] if kind == "alert" else ""
