"""`inhibit`: which alerts keep others quiet, in Alertmanager's words."""

from __future__ import annotations

from app.library.contradictions import contradiction
from app.library.fields import Fields
from app.library.located import Located
from app.library.problems import Findings
from app.model.matchers import Matcher
from app.model.noise import InhibitRule

_EXAMPLE = 'such as [alertname="NodeDown"]'


def read_inhibit(located: Located, findings: Findings, before: int) -> InhibitRule:
    """Read a rule; `before` is how many the library has already."""
    fields = Fields(located, findings, "an inhibit rule")
    rule = InhibitRule(
        name=fields.text("name") or str(before + 1),
        source=fields.matchers("source_matchers"),
        target=fields.matchers("target_matchers"),
        equal=fields.texts("equal"),
    )
    fields.finish()
    for name, matchers in (("source_matchers", rule.source), ("target_matchers", rule.target)):
        _check_side(name, matchers, fields)
    _check_equal(rule, fields)
    return rule


def _check_side(name: str, matchers: tuple[Matcher, ...], fields: Fields) -> None:
    if name not in fields:
        fields.findings.error(fields.place, f"an inhibit rule needs {name}:", _EXAMPLE)
    elif not fields.items(name):
        fields.findings.error(
            fields.place_of(name), f"{name} is empty, which would match every alert", _EXAMPLE
        )
    elif why := contradiction(matchers):
        fields.findings.error(fields.place_of(name), f"{name} can never match: {why}", "take one of them out")


def _check_equal(rule: InhibitRule, fields: Fields) -> None:
    """A label that must be equal, and that the two sides want to be different, makes a rule that never mutes."""
    both = [each for each in (*rule.source, *rule.target) if each.name in rule.equal]
    if not contradiction(rule.source) and not contradiction(rule.target) and (why := contradiction(both)):
        words = f"it can never mute: both sides must be equal in a label, and {why}"
        fields.findings.error(fields.place_of("equal"), words, "take the label out of equal")
