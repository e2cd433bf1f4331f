"""What a publication does to the domains of services, for people and programs."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from app.cli.errors import tell

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.library.published import DomainChange

_SHOWN = 10
"""So many services are named where they are only an offer."""


def facts_of(change: DomainChange) -> dict[str, Any]:
    """Give the change for programs: systems by service."""
    moved = {id_: {"from": was, "to": now} for id_, (was, now) in change.moved.items()}
    return {"proposed": change.proposed, "moved": moved, "otherwise": change.otherwise}


def show(change: DomainChange) -> None:
    """Print what is proposed and what moves, and say on stderr what the graph would propose otherwise."""
    for system, ids in _by_system(change.proposed).items():
        print(f"domain   {system}: {', '.join(ids)}")
    for id_, (was, now) in change.moved.items():
        print(f"moves    {id_}: {was} -> {now}")
    if change.otherwise:
        named = [f"{id_} in {system}" for id_, system in sorted(change.otherwise.items())]
        more = f" and {len(named) - _SHOWN} more" if len(named) > _SHOWN else ""
        tell(
            f"stay where they are, though their dependencies would now put {', '.join(named[:_SHOWN])}{more};"
            " --regroup moves them"
        )


def _by_system(systems: Mapping[str, str]) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for id_, system in sorted(systems.items()):
        found[system].append(id_)
    return dict(sorted(found.items()))
