"""What publishing adds to the files of operators: the domain of each service of which they said nothing, in a manifest of its own."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from app.library.domains import placed_services
from app.library.grouping import Systems, propose
from app.library.manifests import read_manifests
from app.library.problems import Findings, LibraryError, Problem
from app.model.catalog import Service

PATH = "domains.published.yaml"
"""The manifest that publishing writes; no file of operators is called so."""
_HEAD = """# Which services fail together, as their dependencies told when this was published. It stays so until an operator says
# otherwise: `system:` of a service, `domains:` of a manifest, or `oncall library publish --regroup`.
domains:
"""


@dataclass(frozen=True)
class DomainChange:
    """What publishing files would do to the domains of services, beside what is in force."""

    proposed: Systems
    """Services that come newly, or that are grouped anew, and the system that their dependencies propose."""
    moved: dict[str, tuple[str, str]]
    """Services that are of another system than the one in force: from, to."""
    otherwise: Systems
    """Where the graph would put services that stay where they are because that is in force."""


def with_domains(
    files: Mapping[str, str], in_force: Mapping[str, str], *, regroup: bool = False
) -> dict[str, str]:
    """Give the files (path to text) that publishing a folder's files puts in force; the same files where every service is on its own.

    A service of which the operators say nothing stays in the system that it is of in the library `in_force` (its files; empty: none).
    One that is new there joins what it is closest to. With `regroup` all of them are proposed anew.

    Raises:
        LibraryError: a file of the folder is called as the one that is made here.

    """
    if problems := reserved(files):
        raise LibraryError(problems)
    return _with(files, _proposal(services_of(files), services_of(in_force), regroup=regroup))


def reserved(files: Mapping[str, str]) -> list[Problem]:
    """Give the problem of a folder's file that is called as the one that publishing makes."""
    words = "this name is kept for the manifest that publishing makes"
    return [Problem(PATH, 1, 1, "error", words, "call it domains.yaml")] if PATH in files else []


def domain_change(
    files: Mapping[str, str], in_force: Mapping[str, str], *, regroup: bool = False
) -> DomainChange:
    """Say what `with_domains` of the same would change."""
    said, before = services_of(files), services_of(in_force)
    found = _proposal(said, before, regroup=regroup)
    fresh = _proposal(said, before, regroup=True)
    now = {id_: each.system or found[id_] for id_, each in said.items()}
    was = _systems(before)
    return DomainChange(
        proposed={id_: system for id_, system in found.items() if was.get(id_) != system and system != id_},
        moved={id_: (was[id_], now[id_]) for id_ in sorted(now) if id_ in was and was[id_] != now[id_]},
        otherwise={id_: system for id_, system in fresh.items() if system != now[id_]},
    )


def services_of(files: Mapping[str, str]) -> dict[str, Service]:
    """Give the services of a library's files, with what its manifests say of their systems, as far as they can be read."""
    manifests = read_manifests(files, {path: Findings(path) for path in files})
    return placed_services(manifests)


def _proposal(said: Mapping[str, Service], before: Mapping[str, Service], *, regroup: bool) -> Systems:
    was = _systems(before)
    return propose(said, {}, was) if regroup else propose(said, was)


def _systems(services: Mapping[str, Service]) -> Systems:
    return {each.id: each.system or each.id for each in services.values()}


def _with(files: Mapping[str, str], proposal: Systems) -> dict[str, str]:
    if all(id_ == system for id_, system in proposal.items()):
        return dict(files)
    members: defaultdict[str, list[str]] = defaultdict(list)
    for id_, system in proposal.items():
        members[system].append(id_)
    # JSON is YAML: any id is safe so.
    lines = [f"  {_json(system)}: {_json(ids)}\n" for system, ids in sorted(members.items())]
    return dict(sorted({**files, PATH: _HEAD + "".join(lines)}.items()))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
