"""`policies`: who is paged in which order. Each is read by itself; what they say of one another is checked when all are there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from app.core.escalation.conditions import BUSINESS_HOURS
from app.library.expressions import CelError, compile_cel, constant_of
from app.library.fields import Fields
from app.library.problems import Findings, suggest
from app.model.expressions import Expression
from app.model.policy import DEFAULT_ACK_TIMEOUT, TARGETS, Level, Policy

if TYPE_CHECKING:
    from app.library.manifests import Manifests

MAX_LEVELS = 20
MAX_REPEAT = 20
_TARGET = "write user:ID, schedule:ID, team:ID, channel:NAME or policy:ID"


def read_policy(name: str, fields: Fields) -> Policy:
    """Read a policy."""
    levels = [
        _level(Fields(each, fields.findings, f"a level of {name}"), name) for each in fields.items("levels")
    ]
    policy = Policy(
        id=name,
        title=fields.text("title"),
        levels=tuple(levels),
        repeat=fields.whole("repeat", 0, most=MAX_REPEAT),
        exhausted=fields.text("exhausted"),
    )
    if not levels:
        fields.findings.error(fields.place, f"policy {name} has no level", "give it levels: with targets:")
    elif all(each.jump for each in levels):
        fields.findings.error(fields.place, f"policy {name} names nobody", "give a level of it targets:")
    if len(levels) > MAX_LEVELS:
        words = f"policy {name} has {len(levels)} levels; at most {MAX_LEVELS} may be"
        fields.findings.error(fields.place, words, "put people of several levels into one")
    _check_names(policy, fields)
    return policy


def check_policies(manifests: Manifests) -> None:
    """Check what policies name: people, teams, schedules and one another, which may make no circle."""
    known: dict[str, Mapping[str, object]] = {
        "user": manifests.people,
        "team": manifests.teams,
        "schedule": manifests.schedules_said,
        "policy": manifests.policies,
    }
    for policy in manifests.policies.values():
        findings, place = manifests.places["policies", policy.id]
        for target in dict.fromkeys(each for level in policy.levels for each in level.targets):
            kind, _, name = target.partition(":")
            if kind in known and name not in known[kind]:
                what = {"user": "person"}.get(kind, kind)
                words = f"policies {policy.id} names the {what} {name!r}, which is nowhere said"
                findings.error(place, words, _mend(name, what, known[kind]))
            elif kind == "team" and not manifests.teams[name].members:
                words = f"policies {policy.id} names the team {name!r}, which has no members"
                findings.error(place, words, f"give teams.{name} members:")
        if policy.exhausted and policy.exhausted not in manifests.policies:
            words = (
                f"policies {policy.id} is followed by the policy {policy.exhausted!r}, which is nowhere said"
            )
            findings.error(place, words, _mend(policy.exhausted, "policy", manifests.policies))
        _check_hours(policy, manifests, findings)
    for words, policy_id, mend in _circles(manifests.policies):
        findings, place = manifests.places["policies", policy_id]
        findings.error(place, words, mend)


def _level(fields: Fields, policy: str) -> Level:
    findings = fields.findings
    targets, jump = fields.texts("targets"), fields.text("jump")
    for each in fields.items("targets"):
        kind, _, rest = str(each.plain()).partition(":")
        if kind not in TARGETS or not rest:
            findings.error(each.place, f"{each.plain()!r} is no target", _TARGET)
    if not targets and not jump:
        findings.error(fields.place, f"a level of policy {policy} names nobody", "give it targets:, or jump:")
    if jump:
        for name in ("targets", "ack_timeout", "delay", "round_robin"):
            if name in fields:
                words = f"{name}: beside jump:, which pages nobody"
                findings.error(fields.place_of(name), words, "make a level of its own of it")
    level = Level(
        targets=targets,
        ack_timeout=fields.duration("ack_timeout", DEFAULT_ACK_TIMEOUT),
        name=fields.text("name"),
        delay=fields.duration("delay", Level().delay),
        round_robin=fields.flag("round_robin", default=False),
        condition=_condition(fields),
        jump=jump,
    )
    if not jump and not level.ack_timeout:
        words = "ack_timeout is 0, so nobody could acknowledge in time"
        findings.error(fields.place_of("ack_timeout"), words, "such as 5m")
    fields.finish()
    return level


def _condition(fields: Fields) -> Expression | None:
    source = fields.text("if")
    if not source:
        return None
    findings, place = fields.findings, fields.place_of("if")
    try:
        condition = compile_cel(source, frozenset({BUSINESS_HOURS}))
    except CelError as error:
        findings.error(place, f"if: {error}", "it reads incident, trigger and business_hours")
        return None
    value = constant_of(condition)
    if value is True:
        findings.advise(place, "the if: of this level is always true", "take it out")
    elif value is False:
        findings.error(
            place,
            "the if: of this level is never true, so it is never reached",
            "mend it, or take the level out",
        )
    elif value is not None:
        findings.error(
            place,
            f"the if: of this level gives {value!r}, neither true nor false",
            "compare it with something",
        )
    return condition


def _check_names(policy: Policy, fields: Fields) -> None:
    """Check the names of levels, where jumps lead, and that each level can be reached."""
    findings, places = fields.findings, [each.place for each in fields.items("levels")]
    names = [each.name for each in policy.levels]
    for number, level in enumerate(policy.levels, 1):
        place = places[number - 1]
        if level.name and level.name in names[: number - 1]:
            findings.error(
                place, f"policy {policy.id} has two levels named {level.name!r}", "name them apart"
            )
        if not level.jump:
            continue
        if level.jump not in names:
            known = [name for name in names if name]
            mend = suggest(level.jump, known) if known else "give the level to jump to a name:"
            findings.error(place, f"jump: policy {policy.id} has no level {level.jump!r}", mend)
        elif policy.place_of(level.jump) <= number and not policy.repeat:
            words = f"the jump back to {level.jump!r} is never taken: policy {policy.id} does not repeat"
            findings.error(place, words, "say how often it may, as repeat: 1")
    for number in _unreachable(policy):
        words = f"level {number} of policy {policy.id} is never reached: a jump without an if: leads past it"
        findings.error(places[number - 1], words, "give the jump an if:, or take the level out")


def _unreachable(policy: Policy) -> Iterator[int]:
    """Give the levels that nothing leads to."""
    names = [each.name for each in policy.levels]
    reached, to_see = set[int](), [1] if policy.levels else []
    while to_see:
        number = to_see.pop()
        if number in reached or number > len(policy.levels):
            continue
        reached.add(number)
        level = policy.levels[number - 1]
        to = policy.place_of(level.jump) if level.jump in names and level.jump else 0
        to_see += [to] if to else []
        if not level.jump or level.condition is not None or to <= number:
            to_see.append(number + 1)
    yield from (number for number in range(1, len(policy.levels) + 1) if number not in reached)


def _check_hours(policy: Policy, manifests: Manifests, findings: Findings) -> None:
    """Conditions on business hours need a zone to be known."""
    reads = any(BUSINESS_HOURS in each.condition.source for each in policy.levels if each.condition)
    teams = [each for each in manifests.teams.values() if each.zone is None]
    if reads and manifests.rules.zone is None and (teams or not manifests.teams):
        words = f"policies {policy.id} asks for business_hours, and nothing says the time zone"
        whose = f" of team {teams[0].id}" if teams else ""
        findings.error(
            manifests.places["policies", policy.id][1],
            f"{words}{whose}",
            "say it under rules: timezone: Europe/Berlin",
        )


def _circles(policies: Mapping[str, Policy]) -> Iterator[tuple[str, str, str]]:
    """Give the circles among policies, each once, told of the policy whose id comes first."""
    named = {
        id_: [
            target.partition(":")[2]
            for level in policy.levels
            for target in level.targets
            if target.startswith("policy:")
        ]
        for id_, policy in policies.items()
    }
    follows = {id_: [policy.exhausted] if policy.exhausted else [] for id_, policy in policies.items()}
    for edges, verb, mend in (
        (named, "names", "name people of it instead"),
        (follows, "is followed by", "let the last resort have none"),
    ):
        for start in sorted(policies):
            way = _way_back(start, edges)
            if way and start == min(way):
                told = f" {verb} ".join([*way, start])
                yield f"policies go round in a circle: {told}", start, mend


def _way_back(start: str, edges: Mapping[str, list[str]]) -> list[str]:
    """Give a way from a policy back to itself; empty where there is none."""
    ways = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for to in edges.get(way[-1], []):
            if to == start:
                return way
            if to not in seen:
                seen.add(to)
                ways.append([*way, to])
    return []


def _mend(name: str, kind: str, known: Mapping[str, object]) -> str:
    return suggest(name, sorted(known)) if known else f"say it in a manifest; there is no {kind} at all"
