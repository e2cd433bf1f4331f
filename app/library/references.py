"""What the parts of a library say of one another: everything named exists, and no two pages want the same alert."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.library.fields import Fields
from app.library.manifests import Manifests
from app.library.problems import suggest
from app.model.runbook import Runbook


def check_manifests(manifests: Manifests) -> None:
    """Check what manifests name."""
    for team in manifests.teams.values():
        _exists(manifests, ("teams", team.id), "policy", team.escalation, manifests.policies)
    for service in manifests.services.values():
        place = ("services", service.id)
        _exists(manifests, place, "team", service.team, manifests.teams)
        for other in service.depends_on:
            _exists(manifests, place, "service", other, manifests.services)
    for policy in manifests.policies.values():
        for target in (target for level in policy.levels for target in level.targets):
            kind, _, name = target.partition(":")
            if kind == "user":
                _exists(manifests, ("policies", policy.id), "person", name, manifests.people)
    if ("rules", "") in manifests.places:
        _exists(manifests, ("rules", ""), "team", manifests.rules.team, manifests.teams)
        _exists(manifests, ("rules", ""), "policy", manifests.rules.escalation, manifests.policies)


def check_pages(pages: Sequence[tuple[Runbook, Fields]], manifests: Manifests) -> None:
    """Check what pages name, that their ids differ, and that no two match the same alerts equally well."""
    ids: dict[str, Runbook] = {}
    wanted: dict[object, Runbook] = {}
    for page, fields in pages:
        if page.steps:
            _named(fields, "owner", "team", page.owner, manifests.teams)
            _named(fields, "escalation", "policy", page.escalation, manifests.policies)
        other = ids.setdefault(page.id.casefold(), page)
        if other is not page:
            fields.findings.error(
                fields.place_of("id"), f"id {page.id!r} is also that of {other.path}", "give it another id"
            )
        for group in page.match.alternatives:
            rival = wanted.setdefault((frozenset(group), page.priority), page)
            if rival is not page:
                words = f"it matches the same alerts as {rival.path}, equally well: neither would be chosen"
                fields.findings.error(fields.place_of("match"), words, "add a matcher, or set priority:")


def _exists(
    manifests: Manifests, said: tuple[str, str], kind: str, name: str, known: Mapping[str, object]
) -> None:
    if name and name not in known:
        findings, place = manifests.places[said]
        mend = suggest(name, sorted(known)) if known else f"say it in a manifest; there is no {kind} at all"
        findings.error(
            place, f"{' '.join(said).strip()} names the {kind} {name!r}, which is nowhere said", mend
        )


def _named(fields: Fields, field: str, kind: str, name: str, known: Mapping[str, object]) -> None:
    if name and name not in known:
        mend = suggest(name, sorted(known)) if known else f"say it in a manifest; there is no {kind} at all"
        fields.findings.error(fields.place_of(field), f"{field}: there is no {kind} {name!r}", mend)
