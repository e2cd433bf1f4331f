"""How well clusters of firings agree with the outages that raised them. Counts that can be added up, and the shares they make.

Only firings that were told count. Two firings are a true pair if one outage raised both, a predicted pair if one cluster
holds both; pairs of two firings of one alert that is noise are left out: whether noise that comes back is one thing is a
matter of taste.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from math import comb

from app.evaluate.scenario import Episode, Outage

TOP = 3


@dataclass(frozen=True)
class Cluster:
    """What somebody says belongs together: an incident, a group, a window."""

    episodes: frozenset[Episode]
    """The firings; none of them is in another cluster."""
    service: str = ""
    """Where the cause is said to lie."""
    changes: tuple[str, ...] = ()
    """The suspected changes, best first."""
    notifications: int = 0
    """How often people were told of it."""


@dataclass(frozen=True)
class Tally:
    """Counts; those of several scenarios are added."""

    scenarios: int = 0
    true_pairs: int = 0
    predicted_pairs: int = 0
    right_pairs: int = 0
    outages: int = 0
    """Outages of which something was told."""
    missed: int = 0
    """Outages of which no cluster holds anything."""
    clusters: int = 0
    """For each outage the clusters that hold something of it, added up."""
    rivals: int = 0
    """Outages beside which there was another one in the scenario."""
    merged: int = 0
    """Outages that share a cluster with another one."""
    rooted: int = 0
    """Outages whose main cluster names their root."""
    caused: int = 0
    """Outages that a change caused."""
    first: int = 0
    """Outages whose main cluster suspects that change first."""
    among: int = 0
    """Outages whose main cluster suspects it among the first three."""
    notifications: int = 0
    """Notifications of clusters that hold something of an outage."""
    noise_clusters: int = 0
    """Clusters that hold noise alone."""
    noise_notifications: int = 0
    """Notifications of those."""

    def __add__(self, other: Tally) -> Tally:
        """Add two up."""
        return Tally(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(Tally)))

    @property
    def precision(self) -> float | None:
        """The share of predicted pairs that are true; None: there are none."""
        return _share(self.right_pairs, self.predicted_pairs)

    @property
    def recall(self) -> float | None:
        """The share of true pairs that are predicted."""
        return _share(self.right_pairs, self.true_pairs)

    @property
    def wrong(self) -> float | None:
        """Predicted pairs that are not true, a scenario."""
        return _share(self.predicted_pairs - self.right_pairs, self.scenarios)

    @property
    def noise(self) -> float | None:
        """Clusters of noise alone, a scenario."""
        return _share(self.noise_clusters, self.scenarios)

    @property
    def f1(self) -> float | None:
        """The harmonic mean of both; None where there is no true pair."""
        if not self.true_pairs:
            return None
        return 2 * self.right_pairs / (self.true_pairs + self.predicted_pairs)

    @property
    def per_outage(self) -> float | None:
        """Clusters for an outage that was not missed."""
        return _share(self.clusters, self.outages - self.missed)

    @property
    def merged_share(self) -> float | None:
        """The share of outages that share a cluster with another, of those that had another beside them."""
        return _share(self.merged, self.rivals)

    @property
    def root(self) -> float | None:
        """The share of outages whose root is named."""
        return _share(self.rooted, self.outages)

    @property
    def change_first(self) -> float | None:
        """The share of guilty changes that are suspected first."""
        return _share(self.first, self.caused)

    @property
    def change_among(self) -> float | None:
        """The share of guilty changes that are among the first three."""
        return _share(self.among, self.caused)

    @property
    def told(self) -> float | None:
        """Notifications for an outage."""
        return _share(self.notifications, self.outages)


def score(
    told: Collection[Episode],
    truth: Mapping[Episode, str | None],
    outages: Mapping[str, Outage],
    clusters: Sequence[Cluster],
) -> Tally:
    """Count how well clusters, in the order they were opened, agree with the truth of one scenario."""
    sizes = Counter(outage for each in told if (outage := truth.get(each)) is not None)
    held = [Counter(truth.get(episode) for episode in each.episodes) for each in clusters]
    places = {
        outage: [place for place, counts in enumerate(held) if counts[outage]] for outage in sorted(sizes)
    }
    mains = {
        outage: clusters[max(found, key=lambda place: (held[place][outage], -place))]
        for outage, found in places.items()
        if found
    }
    found = [
        Tally(scenarios=1, predicted_pairs=sum(_pairs(each, truth) for each in clusters)),
        _agreement(sizes, held),
        _spread(places, held),
        _causes({outage: outages[outage] for outage in sizes}, mains),
        *(_told(each, counts) for each, counts in zip(clusters, held, strict=True)),
    ]
    return sum(found, Tally())


Counts = Counter[str | None]
"""Of one cluster: outage to its firings; None: noise."""


def _pairs(cluster: Cluster, truth: Mapping[Episode, str | None]) -> int:
    """Count the pairs that a cluster predicts, without those of one alert that is noise."""
    again = Counter(each.fingerprint for each in cluster.episodes if truth.get(each) is None)
    return comb(len(cluster.episodes), 2) - sum(comb(times, 2) for times in again.values())


def _agreement(sizes: Counter[str], held: Sequence[Counts]) -> Tally:
    right = sum(comb(size, 2) for counts in held for outage, size in counts.items() if outage is not None)
    return Tally(true_pairs=sum(comb(size, 2) for size in sizes.values()), right_pairs=right)


def _spread(places: Mapping[str, Sequence[int]], held: Sequence[Counts]) -> Tally:
    """Count over how many clusters outages are spread, and whether they are alone there."""
    return Tally(
        outages=len(places),
        missed=sum(not found for found in places.values()),
        clusters=sum(len(found) for found in places.values()),
        rivals=len(places) if len(places) > 1 else 0,
        merged=sum(any(_outages(held[place]) > 1 for place in found) for found in places.values()),
    )


def _causes(outages: Mapping[str, Outage], mains: Mapping[str, Cluster]) -> Tally:
    """Count whose main cluster names the root, and how high it suspects the guilty change."""
    suspects = [
        (each.change, mains[name].changes if name in mains else ())
        for name, each in outages.items()
        if each.change is not None
    ]
    return Tally(
        rooted=sum(each.service == outages[name].root for name, each in mains.items()),
        caused=len(suspects),
        first=sum(change in changes[:1] for change, changes in suspects),
        among=sum(change in changes[:TOP] for change, changes in suspects),
    )


def _told(cluster: Cluster, counts: Counts) -> Tally:
    if _outages(counts):
        return Tally(notifications=cluster.notifications)
    return Tally(noise_clusters=1, noise_notifications=cluster.notifications)


def _outages(counts: Counts) -> int:
    return sum(outage is not None for outage in counts)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
