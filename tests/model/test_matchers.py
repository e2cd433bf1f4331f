"""Matchers, with Alertmanager's semantics."""

import pytest

from app.model.matchers import Match, Matcher, MatcherError, doubled, parse_matcher, specificity


@pytest.mark.parametrize(
    ("text", "name", "op", "value"),
    [
        ('a="b"', "a", "=", "b"),
        ('  a  =  "b"  ', "a", "=", "b"),
        ("a=b", "a", "=", "b"),
        ("a=", "a", "=", ""),
        ('a=""', "a", "=", ""),
        ('a!="b"', "a", "!=", "b"),
        ('a=~"b.*|c"', "a", "=~", "b.*|c"),
        ('a!~"^b$"', "a", "!~", "^b$"),
        ('_x:y="b"', "_x:y", "=", "b"),
        ('a="b \\"c\\" \\\\ \\n"', "a", "=", 'b "c" \\ \n'),
        ('a=~"\\d+"', "a", "=~", "\\d+"),
        ('a="{},="', "a", "=", "{},="),
    ],
)
def test_good_ones(text, name, op, value):
    matcher = parse_matcher(text)
    assert (matcher.name, matcher.op, matcher.value) == (name, op, value)
    assert parse_matcher(str(matcher)) == matcher


@pytest.mark.parametrize(
    "text", ["", "a", '="b"', '1a="b"', 'a=="b"', 'a="b', "a=b c", 'a="b" c', 'a-b="c"', "a={b}"]
)
def test_bad_ones(text):
    with pytest.raises(MatcherError, match='write it as name="value"'):
        parse_matcher(text)


@pytest.mark.parametrize("pattern", ["(", "(?u)x"])
def test_a_regular_expression_must_compile(pattern):
    with pytest.raises(MatcherError, match="does not compile"):
        parse_matcher(f'a=~"{pattern}"')


@pytest.mark.parametrize(
    ("text", "labels", "holds"),
    [
        ('a="b"', {"a": "b"}, True),
        ('a="b"', {"a": "bc"}, False),
        ('a=""', {}, True),
        ('a!=""', {}, False),
        ('a!="b"', {}, True),
        ('a=~"b"', {"a": "bc"}, False),
        ('a=~"b.*"', {"a": "bc"}, True),
        ('a=~"b|c"', {"a": "c"}, True),
        ('a=~"b|cd"', {"a": "bd"}, False),
        ('a=~".*"', {}, True),
        ('a=~"\\d+"', {"a": "12"}, True),
        ('a=~"\\d+"', {"a": "١٢"}, False),
        ('a=~"\\w+"', {"a": "küche"}, False),
        ('a=~"k.che"', {"a": "küche"}, True),
        ('a=~".+"', {}, False),
        ('a!~"b.*"', {"a": "bc"}, False),
        ('a!~"b"', {}, True),
        ('a=~"b."', {"a": "b\n"}, False),
    ],
)
def test_matching(text, labels, holds):
    assert parse_matcher(text).matches(labels) is holds


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("a==b", 'a="b"'),
        (" a != = b", None),
        ("a!==b", 'a!="b"'),
        ('a="=b"', None),
        ("a=~=b", None),
        ("a=b=c", None),
    ],
)
def test_two_signs_for_one(text, meant):
    found = doubled(text)
    assert (str(found) if found else None) == meant


def test_the_most_specific_alternative_that_holds():
    loose, tight = (Matcher("a", "=~", ".+"),), (Matcher("a", "=", "1"),)
    tighter = (*tight, Matcher("b", "!=", "2"))
    match = Match((loose, tight, tighter))
    assert match.best({"a": "1"}) == tighter
    assert match.best({"a": "1", "b": "2"}) == tight
    assert match.best({"a": "3"}) == loose
    assert match.best({}) is None
    assert Match().best({"a": "1"}) is None
    assert specificity(tighter) == (1, 2)
