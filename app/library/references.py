"""What the parts of a library say of one another: everything named exists, and no two pages want the same alert."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.library.domains import check_domains
from app.library.event_rules import check_event_rules
from app.library.guards import check_guards
from app.library.manifests import Manifests
from app.library.names import key_of
from app.library.page import ReadPage
from app.library.policies import check_policies
from app.library.presence import check_presence
from app.library.problems import suggest
from app.model.runbook import Runbook
from app.model.words import Mode


def check_manifests(manifests: Manifests) -> None:
    """Check what manifests name."""
    for team in manifests.teams.values():
        _exists(manifests, ("teams", team.id), "policy", team.escalation, manifests.policies)
        for member in team.members:
            _exists(manifests, ("teams", team.id), "person", member, manifests.people)
    for service in manifests.services.values():
        place = ("services", service.id)
        _exists(manifests, place, "team", service.team, manifests.teams)
        _exists(manifests, place, "policy", service.escalation, manifests.policies)
        for other in service.depends_on:
            _exists(manifests, place, "service", other, manifests.services)
    check_policies(manifests)
    check_event_rules(manifests)
    if ("rules", "") in manifests.places:
        _exists(manifests, ("rules", ""), "team", manifests.rules.team, manifests.teams)
        _exists(manifests, ("rules", ""), "policy", manifests.rules.escalation, manifests.policies)
    if manifests.guards_said is not None:
        check_guards(manifests.guards, manifests.guards_said, manifests)
    check_presence(manifests)
    check_domains(manifests)
    _check_identities(manifests)
    _check_approvers(manifests)


def check_pages(pages: Sequence[ReadPage], manifests: Manifests) -> None:
    """Check what pages name, that their ids differ, and that no two match the same alerts equally well."""
    ids: dict[str, ReadPage] = {}
    wanted: dict[object, Runbook] = {}
    for read in pages:
        page, fields = read.runbook, read.fields
        if page.steps:
            _named(read, "owner", "team", page.owner, manifests.teams)
            _named(read, "escalation", "policy", page.escalation, manifests.policies)
        other = ids.setdefault(key_of(page.id), read)
        if other is not read:
            is_ours = read.is_ours or other.is_ours
            note = fields.findings.error if is_ours else fields.findings.advise
            words = f"id {ascii(page.id)[1:-1]!r} is also that of {other.runbook.path}"
            note(fields.place_of("id"), words, "give it another id")
        for group in page.match.alternatives:
            rival = wanted.setdefault((frozenset(group), page.priority), page)
            if rival is not page:
                words = f"it matches the same alerts as {rival.path}, equally well: neither would be chosen"
                fields.findings.error(fields.place_of("match"), words, "add a matcher, or set priority:")


def _check_identities(manifests: Manifests) -> None:
    """An identity is one person's, so that nobody is two."""
    said: dict[str, str] = {}
    for person in manifests.people.values():
        for identity in person.identities:
            other = said.setdefault(identity, person.id)
            if other != person.id:
                findings, place = manifests.places["people", person.id]
                words = f"people {person.id} has the identity {identity!r}, which is that of {other}"
                findings.error(place, words, "an identity is one person's")


def _check_approvers(manifests: Manifests) -> None:
    """In mode approve somebody must be able to agree."""
    if manifests.mode is Mode.APPROVE and not manifests.rules.trusted:
        findings, place = manifests.places["mode", ""]
        words = "in mode approve people agree to each change, and nothing vouches for who they are"
        findings.advise(
            place, f"{words}: they will do the steps themselves", "name what does under rules.trusted"
        )


def _exists(
    manifests: Manifests, said: tuple[str, str], kind: str, name: str, known: Mapping[str, object]
) -> None:
    if name and name not in known:
        findings, place = manifests.places[said]
        mend = suggest(name, sorted(known)) if known else f"say it in a manifest; there is no {kind} at all"
        findings.error(
            place, f"{' '.join(said).strip()} names the {kind} {name!r}, which is nowhere said", mend
        )


def _named(page: ReadPage, field: str, kind: str, name: str, known: Mapping[str, object]) -> None:
    fields = page.fields
    if name and name not in known:
        mend = suggest(name, sorted(known)) if known else f"say it in a manifest; there is no {kind} at all"
        fields.findings.error(fields.place_of(field), f"{field}: there is no {kind} {name!r}", mend)
