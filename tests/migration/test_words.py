"""Matchers in all of Alertmanager's ways to write them; what would mean something else here is refused with the reason."""

from __future__ import annotations

import pytest

from app.library.fields import Fields
from app.library.located import read_yaml
from app.library.problems import Findings
from app.migration.words import CannotError, matchers


def read(text):
    findings = Findings("a.yml")
    found = matchers(Fields(read_yaml(text, findings), findings, "it"), "matchers", "match", "match_re")
    assert findings.problems == []
    return [str(each) for each in found]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("matchers: [foo=bar]", ['foo="bar"']),
        ("matchers: [ foo = bar, dings != bums ]", ['foo="bar"', 'dings!="bums"']),
        ("""matchers: [ "foo = \\"bar,baz\\"", "dings != bums" ]""", ['foo="bar,baz"', 'dings!="bums"']),
        ("""matchers: [ '{foo="bar", dings!="bums",}' ]""", ['foo="bar"', 'dings!="bums"']),
        ("""matchers: [ 'foo="bar", dings=~"a|b"' ]""", ['foo="bar"', 'dings=~"a|b"']),
        (
            """matchers: ['quote=~"She said: \\"Hi, all!( How.re you…)?\\""']""",
            ['quote=~"She said: \\"Hi, all!( How.re you…)?\\""'],
        ),
        ("matchers:\n  - |\n    {\n      a = b,\n      c =~ d\n    }", ['a="b"', 'c=~"d"']),
        ("matchers: ['foo=']", ['foo=""']),
        ("""matchers: ['"foo"="bar"']""", ['foo="bar"']),
        ("matchers: ['alertname = Node Down']", ['alertname="Node Down"']),
        ("""matchers: ['path=~"\\\\d+\\\\.html"']""", ['path=~"\\\\d+\\\\.html"']),
        ("match: {severity: critical, code: 500}", ['severity="critical"', 'code="500"']),
        ("match_re: {severity: 'warning|info'}", ['severity=~"warning|info"']),
        ("matchers: [a=b]\nmatch: {c: d}\nmatch_re: {e: f}", ['a="b"', 'c="d"', 'e=~"f"']),
        ("match_re: {a: 'x{0,3}'}", ['a=~"x{0,3}"']),
        ("match_re: {a: 'küche'}", ['a=~"küche"']),
        ("match: {gone: }", ['gone=""']),
        ("other: 1", []),
    ],
)
def test_every_way_is_read(text, found):
    assert read(text) == found


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("matchers: [nothing]", "'nothing' is no matcher"),
        ("matchers: ['{}']", "'{}' is no matcher"),
        ("""matchers: ['"two words"="x"']""", "'two words' is no label name here"),
        ("""matchers: ['a=~"[[:alpha:]]"']""", "has a class such as [[:alpha:]]"),
        ("""matchers: ['a=~"("']""", "does not compile here"),
        ("""match_re: {a: '\\pL+'}""", "does not compile here"),
        ("""match_re: {a: 'x{,3}'}""", "has {,3}, which Alertmanager takes literally"),
        ("""match_re: {a: '(?i)küche'}""", "has (?i) with letters beyond ASCII"),
        ("match: {a: [b]}", "the value of a is no text"),
    ],
)
def test_what_cannot_be_ours_is_refused(text, why):
    with pytest.raises(CannotError) as error:
        read(text)
    assert why in str(error.value)
