"""`correlation`: what evidence weighs, and explicit rules."""

from __future__ import annotations

from datetime import timedelta

from app.library.fields import Fields
from app.model.correlation import WEIGHTS, CorrelationRules, JoinRule, JoinWord

MOST = 10.0
"""The most that a weight or a threshold may be."""
MOST_SERVICES = 64
"""The most services that may be asked for on one machine: no more of an incident are remembered."""
FARTHEST = 5
"""The longest path of dependencies that may be looked at."""


def read_correlation(fields: Fields) -> CorrelationRules:
    """Read how alerts are correlated."""
    plain = CorrelationRules()
    half_life = fields.duration("half_life", plain.half_life)
    if not half_life:
        fields.findings.error(fields.place_of("half_life"), "half_life is zero", "write it as 10m")
    read = CorrelationRules(
        join_at=fields.number("join_at", plain.join_at, most=MOST),
        reopen_at=fields.number("reopen_at", plain.reopen_at, most=MOST),
        merge_at=fields.number("merge_at", plain.merge_at, most=MOST),
        merge_suspect_at=fields.number("merge_suspect_at", plain.merge_suspect_at, most=MOST),
        merge_crowd=fields.whole("merge_crowd", plain.merge_crowd, most=MOST_SERVICES),
        merge_within=fields.duration("merge_within", plain.merge_within),
        move_at=fields.number("move_at", plain.move_at, most=MOST),
        weights=_weights(fields),
        distance=fields.whole("distance", plain.distance, most=FARTHEST),
        half_life=half_life or plain.half_life,
        entity_labels=fields.texts("entity_labels") or plain.entity_labels,
        rules=_rules(fields),
    )
    fields.finish()
    return read


def _weights(fields: Fields) -> dict[str, float]:
    inner = Fields(fields.located("weights"), fields.findings, "correlation.weights")
    weights = {name: inner.number(name, weight, most=MOST) for name, weight in WEIGHTS.items()}
    inner.finish()
    return weights


def _rules(fields: Fields) -> tuple[JoinRule, ...]:
    rules: list[JoinRule] = []
    for number, each in enumerate(fields.items("rules"), start=1):
        inner = Fields(each, fields.findings, f"rule {number} of correlation")
        rule = _rule(inner, number)
        if rule.name in {other.name for other in rules}:
            words = f"correlation has another rule named {rule.name!r}"
            fields.findings.error(inner.place_of("name"), words, "give it a name of its own")
        rules.append(rule)
    return tuple(rules)


def _rule(fields: Fields, number: int) -> JoinRule:
    name = fields.text("name", f"rule-{number}")
    join = fields.word("join", JoinWord)
    if "join" not in fields:
        fields.findings.error(fields.place, f"correlation rule {name} does not say join:", "always or never")
    within = fields.duration("within", timedelta()) if "within" in fields else None
    rule = JoinRule(
        name,
        fields.match("first"),
        fields.match("then"),
        fields.texts("equal"),
        within,
        join or JoinWord.NEVER,
    )
    if not (rule.first.alternatives or rule.then.alternatives or rule.equal):
        words = f"correlation rule {name} holds for any two alerts"
        fields.findings.error(fields.place, words, "say first:, then: or equal:")
    fields.finish()
    return rule
