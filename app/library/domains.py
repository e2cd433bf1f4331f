"""`domains:`, which services fail together: the systems of services that do not name one themselves."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from app.library.fields import Fields
from app.library.problems import Findings, suggest
from app.model.catalog import Service

if TYPE_CHECKING:
    from app.library.manifests import Manifests

SECTION = "domains"
MOST = 64
"""So many services an incident remembers: a system of more is too wide for it."""
_ALIKE = 0.9
_DIGITS = re.compile(r"\d+")


def read_domains(fields: Fields, findings: Findings, into: Manifests) -> None:
    """Read the section of one manifest, system to services, into what others said already."""
    inner = Fields(fields.located(SECTION), findings, SECTION)
    for system in inner.names():
        if not system:
            findings.error(inner.place_of(system), "a domain has no name", "write domain: [service, …]")
        for each in inner.items(system):
            if not isinstance(each.value, str) or not each.value:
                findings.error(each.place, f"{SECTION} {system}: an entry is no service", "write its id")
                continue
            before = into.places.get((SECTION, each.value))
            if before is not None:
                words = f"{each.value} is in the domain {into.domains[each.value]} already, at {before[0].path}:{before[1][0]}"
                findings.error(each.place, words, "a service is in one domain: keep one of them")
                continue
            into.places[SECTION, each.value] = (findings, each.place)
            into.domains[each.value] = system


def placed_services(manifests: Manifests) -> dict[str, Service]:
    """Give the services with the systems that manifests say under `domains:`; what a service says itself wins."""
    return {
        each.id: each if each.system else replace(each, system=manifests.domains.get(each.id, ""))
        for each in manifests.services.values()
    }


def check_domains(manifests: Manifests) -> None:
    """Check that domains name services that are there and say no system themselves, and that no system is too wide or misspelt."""
    for id_ in manifests.domains:
        findings, place = manifests.places[SECTION, id_]
        if id_ not in manifests.services:
            known = sorted(manifests.services)
            mend = suggest(id_, known) if known else "say it under services:"
            findings.error(place, f"{SECTION}: there is no service {id_!r}", mend)
        elif manifests.services[id_].system:
            there, (line, _) = manifests.places["services", id_]
            words = f"{SECTION}: {id_} says its system itself, at {there.path}:{line}"
            findings.error(place, words, "keep one of the two")
    services = placed_services(manifests)
    sizes = Counter(each.system or each.id for each in services.values())
    firsts: dict[str, str] = {}
    for each in services.values():
        firsts.setdefault(each.system or each.id, each.id)
    for system, size in sizes.items():
        findings, place = _said(manifests, firsts[system])
        if size > MOST:
            words = f"the system {system} has {size} services: an incident remembers {MOST}"
            findings.advise(place, words, "a system is what fails together: make several of it")
        elif size == 1 and (meant := _misspelt(system, sizes, services)):
            words = f"only {firsts[system]} is of the system {system!r}"
            findings.advise(place, words, f"did you mean {meant!r}?")


def _said(manifests: Manifests, service: str) -> tuple[Findings, tuple[int, int]]:
    """Give where the system of a service is said."""
    return manifests.places.get((SECTION, service)) or manifests.places["services", service]


def _misspelt(system: str, sizes: Mapping[str, int], services: Mapping[str, Service]) -> str:
    """Give the system of several services that this one, which is no service's id, looks like; numbered ones are no mistake."""
    if system in services:
        return ""
    bare = _DIGITS.sub("", system)
    others = [each for each, size in sizes.items() if size > 1 and _DIGITS.sub("", each) != bare]
    return next(iter(get_close_matches(system, others, n=1, cutoff=_ALIKE)), "")
