"""`approval`: who must agree, and whether anybody could."""

from __future__ import annotations

from app.library.fields import Fields
from app.library.located import Located
from app.library.manifests import Manifests
from app.library.problems import Findings, suggest
from app.library.step_parts import read_positive
from app.model.runbook import DEFAULT_APPROVAL_TIMEOUT, Approval
from app.model.words import Otherwise

MAX_COUNT = 20


def read_approval(
    located: Located | None, findings: Findings, manifests: Manifests, owner: str
) -> Approval | None:
    """Read `approval`: true, or a map. Without `from` it is the page's owner who may agree."""
    if located is None or located.value is False:
        return None
    if located.value is True:
        located = Located({}, located.place)
    fields = Fields(located, findings, "an approval")
    approval = Approval(
        sources=fields.texts("from"),
        count=fields.whole("count", 1, least=1, most=MAX_COUNT),
        timeout=read_positive(fields, "timeout", DEFAULT_APPROVAL_TIMEOUT),
        otherwise=fields.word("otherwise", Otherwise) or Otherwise.ESCALATE,
    )
    fields.finish()
    _check(approval, fields, manifests, owner)
    return approval


def _check(approval: Approval, fields: Fields, manifests: Manifests, owner: str) -> None:
    findings = fields.findings
    trusted = bool(manifests.rules.trusted)
    if not trusted:
        words = "nothing vouches for who agrees, so that a person will be asked to do the step instead"
        findings.advise(fields.place, words, "name what does under rules.trusted, such as your chat")
    people = {name for item in fields.items("from") for name in _people(item, fields, manifests)}
    if not approval.sources:
        if owner not in manifests.teams:
            return  # the incident's team, which is known when there is one
        people = set(_members(owner, Located(owner, fields.place), fields, manifests))
    if trusted and 0 < len(people) < approval.count:
        words = f"{approval.count} people are to agree, and there are {len(people)}"
        findings.error(fields.place_of("count"), words, "ask fewer, or name more in from:")


def _people(item: Located, fields: Fields, manifests: Manifests) -> list[str]:
    """Give the people that one entry of `from` stands for."""
    source = str(item.plain())
    kind, _, name = source.partition(":")
    if not name:
        return _members(source, item, fields, manifests)
    if kind != "user":
        fields.findings.error(item.place, f"{source!r} cannot agree", "write a team's id, or user:ID")
    elif name not in manifests.people:
        known = sorted(manifests.people)
        mend = suggest(name, known) if known else "say it under people: in a manifest"
        fields.findings.error(item.place, f"approval.from: there is no person {name!r}", mend)
    else:
        return [name]
    return []


def _members(team_id: str, item: Located, fields: Fields, manifests: Manifests) -> list[str]:
    team = manifests.teams.get(team_id)
    if team is None:
        known = sorted(manifests.teams)
        mend = suggest(team_id, known) if known else "say it under teams: in a manifest"
        fields.findings.error(item.place, f"approval.from: there is no team {team_id!r}", mend)
        return []
    if not team.members:
        note = fields.findings.error if manifests.rules.trusted else fields.findings.advise
        note(item.place, f"team {team_id} has no members who could agree", f"give teams.{team_id} members:")
    return list(team.members)
