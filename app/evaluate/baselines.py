"""What others would make of the same alerts: groups of equal labels as Alertmanager makes them, and windows of time.

Neither names a cause. As a person would who sees no more than they do, the service of the first alert is taken for the root, and
the newest change of the hour before for the guilty one. Alerts of severity `none` are left out: they go nowhere there either.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from app.core.domains import find_service, severity_of
from app.evaluate.play import LEFT_TO_END
from app.evaluate.scenario import Episode, Scenario, alerts_of, known_alert
from app.evaluate.scores import Cluster
from app.model.inputs import Alert
from app.model.library import Library
from app.model.topics import SYSTEM_EVENTS
from app.model.words import AlertStatus, Severity

GROUP_WAIT_S = 30.0
GROUP_INTERVAL_S = 300.0
REPEAT_INTERVAL_S = 4 * 3600.0
"""Alertmanager's defaults."""
LEFT_TO_END_S = LEFT_TO_END.total_seconds()
SUSPECTS_S = 3600.0
GROUP_BYS = (
    ("alertname",),
    ("alertname", "cluster", "service"),
    ("namespace",),
    ("namespace", "alertname"),
    ("namespace", "service"),
    ("namespace", "environment"),
    ("cluster",),
)
"""What people usually group by."""
LABELS, TIME = "labels:", "time:"
"""What the names of the two baselines begin with."""
WINDOWS_S = (60.0, 120.0, 300.0, 600.0, 900.0)
"""For how long a window stays open after its newest alert."""


@dataclass(frozen=True)
class News:
    """An alert as it arrived."""

    at: float
    alert: Alert
    service: str


@dataclass
class _Found:
    """A cluster as it grows."""

    begins: float
    service: str
    episodes: set[Episode] = field(default_factory=set)
    notifications: int = 0


@dataclass
class _Group:
    found: _Found
    flush_at: float
    firing: dict[str, bool] = field(default_factory=dict)
    is_news: bool = False
    notified_at: float = 0.0

    def flush(self) -> None:
        """Notify of what is new, or of what fires on for long; then forget what is over."""
        is_old = any(self.firing.values()) and self.flush_at - self.notified_at >= REPEAT_INTERVAL_S
        if self.is_news or is_old:
            self.found.notifications += 1
            self.notified_at = self.flush_at
        self.is_news = False
        self.firing = {each: fires for each, fires in self.firing.items() if fires}
        self.flush_at += GROUP_INTERVAL_S


def read_news(scenario: Scenario, library: Library) -> list[News]:
    """Give the alerts of a scenario as they arrive."""
    news = []
    for entry in scenario.inputs:
        for alert in filter(None, map(known_alert, alerts_of(entry))):
            word = alert.labels.get(library.rules.severity_label, "")
            if severity_of(word, library) is not Severity.NONE and alert.starts_at is not None:
                service, _ = find_service(alert.labels, library)
                news.append(News(entry.at, alert, service.id if service else ""))
    return news


def by_labels(news: Sequence[News], group_by: tuple[str, ...]) -> list[_Found]:
    """Group alerts by equal labels; a group lives until it is flushed with nothing that fires."""
    found: list[_Found] = []
    groups: dict[tuple[str, ...], _Group] = {}
    for each in news:
        _flush(groups, each.at)
        key = tuple(each.alert.labels.get(name, "") for name in group_by)
        fires = each.alert.status is AlertStatus.FIRING
        group = groups.get(key)
        if group is None:
            if not fires:
                continue
            group = groups[key] = _Group(_Found(each.at, each.service), each.at + GROUP_WAIT_S)
            found.append(group.found)
        if fires and not group.firing.get(each.alert.fingerprint):
            group.is_news = True
        if fires or each.alert.fingerprint in group.firing:
            group.firing[each.alert.fingerprint] = fires
        if fires:
            group.found.episodes.add(_episode(each))
    if news:
        _flush(groups, news[-1].at + LEFT_TO_END_S)
    return found


def _flush(groups: dict[tuple[str, ...], _Group], until: float) -> None:
    for key, group in list(groups.items()):
        while group.flush_at <= until:
            group.flush()
            if not group.firing:
                del groups[key]
                break


def by_time(news: Iterable[News], window: float) -> list[_Found]:
    """Take alerts together that begin to arrive within a window of one another."""
    found: list[_Found] = []
    known: set[Episode] = set()
    last = float("-inf")
    for each in news:
        episode = _episode(each)
        if each.alert.status is not AlertStatus.FIRING or episode in known:
            continue
        if each.at - last > window:
            found.append(_Found(each.at, each.service, notifications=1))
        found[-1].episodes.add(episode)
        known.add(episode)
        last = each.at
    return found


def _episode(news: News) -> Episode:
    assert news.alert.starts_at is not None  # noqa: S101  # read_news leaves others out
    return Episode(news.alert.fingerprint, news.alert.starts_at)


def baselines(scenario: Scenario, library: Library) -> dict[str, list[Cluster]]:
    """Give what each baseline, in each of its usual settings, makes of a scenario."""
    news = read_news(scenario, library)
    changes = {
        str(entry.value.get("id")): entry.at
        for entry in scenario.inputs
        if entry.topic == SYSTEM_EVENTS and isinstance(entry.value, dict)
    }
    found = {f"{LABELS} {', '.join(labels)}": by_labels(news, labels) for labels in GROUP_BYS}
    found |= {f"{TIME} {window:.0f} s": by_time(news, window) for window in WINDOWS_S}
    return {name: [_cluster(each, changes) for each in clusters] for name, clusters in found.items()}


def _cluster(found: _Found, changes: Mapping[str, float]) -> Cluster:
    recent = [
        (at, change) for change, at in changes.items() if found.begins - SUSPECTS_S <= at <= found.begins
    ]
    return Cluster(
        episodes=frozenset(found.episodes),
        service=found.service,
        changes=tuple(change for _, change in sorted(recent, reverse=True)),
        notifications=found.notifications,
    )
