"""The catalog's graph of dependencies: how far apart two services are."""

from __future__ import annotations

from collections.abc import Mapping

from app.model.catalog import Service

Distances = dict[str, int]


def below(services: Mapping[str, Service], service: str, limit: int) -> Distances:
    """Give all that a service depends on, with how many steps away it is; the service itself is 0 away."""
    found: Distances = {service: 0}
    edge = [service]
    for far in range(1, limit + 1):
        further = [
            other
            for each in edge
            if each in services
            for other in services[each].depends_on
            if other not in found
        ]
        edge = list(dict.fromkeys(further))
        found.update(dict.fromkeys(edge, far))
    return found
