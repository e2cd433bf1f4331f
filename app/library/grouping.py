"""Which services fail together, by the catalog's graph: the system of each that its operators said nothing of."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from app.core.topology import below
from app.model.catalog import Service

MANY = 8
"""A service that so many depend on is shared by them, and ties none of them to it; nor does one that depends on so many."""
LARGEST = 32
"""How many services a system may grow to by ties."""
Systems = dict[str, str]
"""Service to system."""


def propose(
    services: Mapping[str, Service], kept: Mapping[str, str], names: Mapping[str, str] | None = None
) -> Systems:
    """Give the system of each service that names none itself.

    What services say themselves stands, then what is `kept` (service to system). The rest grows together along dependencies, the
    closest first, while a system stays within `LARGEST`; two systems that are said or kept never become one. A new system is
    called as most of its services were in `names`, else by the service that stands on most of it.
    The order of services and of their dependencies changes nothing.
    """
    said = {each.id: system for each in services.values() if (system := each.system or kept.get(each.id, ""))}
    groups = _Groups(services, said)
    for one, other in _ties(services):
        groups.tie(one, other)
    found = {id_: system for system, members in groups.named(names or {}) for id_ in members}
    return {id_: found[id_] for id_ in sorted(services) if not services[id_].system}


class _Groups:
    """Services in groups that grow: each is known by a member, and bears the system that is said of it, if one is."""

    def __init__(self, services: Mapping[str, Service], said: Mapping[str, str]) -> None:
        self._services = services
        self._said: Systems = {}
        self._members: dict[str, list[str]] = {}
        self._group: dict[str, str] = {}
        firsts: dict[str, str] = {}
        systems = set(said.values())
        for id_ in sorted(services):
            # A service of which nothing is said is of the system that is called like it, as ever.
            system = said.get(id_, id_ if id_ in systems else "")
            first = firsts.setdefault(system, id_) if system else id_
            self._members.setdefault(first, []).append(id_)
            self._group[id_] = first
            if system:
                self._said[first] = system

    def tie(self, one: str, other: str) -> None:
        """Make one group of two services' groups, if it would not be too large and at most one of them bears a system."""
        kept, gone = sorted((self._group[one], self._group[other]))
        together = len(self._members[kept]) + len(self._members[gone])
        if kept == gone or together > LARGEST or (kept in self._said and gone in self._said):
            return
        moved = self._members.pop(gone)
        self._members[kept] += moved
        self._group.update(dict.fromkeys(moved, kept))
        if gone in self._said:
            self._said[kept] = self._said.pop(gone)

    def named(self, names: Mapping[str, str]) -> list[tuple[str, list[str]]]:
        """Give each system with its members."""
        known = [(system, self._members[first]) for first, system in self._said.items()]
        fresh = [sorted(members) for first, members in self._members.items() if first not in self._said]
        taken = {system for system, _ in known}
        heads = [self._head(members) for members in fresh]
        old = _old_names(fresh, heads, {id_: name for id_, name in names.items() if name not in taken})
        return known + [
            (name if _is_free(name, members, self._services) else head, members)
            for members, head, name in zip(fresh, heads, old, strict=True)
        ]

    def _head(self, members: Iterable[str]) -> str:
        """Give the member that stands on most of the others."""
        inner = {id_: self._services[id_] for id_ in members}
        return min(inner, key=lambda id_: (-len(below(inner, id_, len(inner)).keys() & inner.keys()), id_))


def _ties(services: Mapping[str, Service]) -> list[tuple[str, str]]:
    """Give the pairs that a dependency ties, the closest first: what few share, and of one team, before the rest."""
    needed = {each.id: set(each.depends_on) & services.keys() - {each.id} for each in services.values()}
    shared = Counter(other for others in needed.values() for other in others)
    found = [
        (shared[other] + len(others), services[id_].team != services[other].team, id_, other)
        for id_, others in needed.items()
        for other in others
        if shared[other] < MANY and len(others) < MANY
    ]
    return [(id_, other) for _, _, id_, other in sorted(found)]


def _old_names(groups: Sequence[list[str]], heads: Sequence[str], names: Mapping[str, str]) -> list[str]:
    """Give each group the name that most of its members bore, of equals its head's; each name to one group, empty where there is none."""
    votes = [
        (-count, name != heads[place], name, members[0], place)
        for place, members in enumerate(groups)
        for name, count in Counter(names[id_] for id_ in members if id_ in names).items()
    ]
    found, given = defaultdict[int, str](str), set[str]()
    for _, _, name, _, place in sorted(votes):
        if place not in found and name not in given:
            found[place] = name
            given.add(name)
    return [found[place] for place in range(len(groups))]


def _is_free(name: str, members: Iterable[str], services: Mapping[str, Service]) -> bool:
    """Whether a group may be called so: a service of that name that is not in it would count as if it were."""
    return bool(name) and (name not in services or name in members)
