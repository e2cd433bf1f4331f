"""Matchers with Alertmanager's semantics: `name="v"`, `!=`, `=~`, `!~`; a missing label is an empty one; regexes are anchored.

As in Go, the classes of digits, of blanks and of letters in words mean characters of ASCII alone. So does `(?i)` here, which in Go does not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Op = Literal["=", "!=", "=~", "!~"]

_LINE = re.compile(
    r"""\s*(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)\s*(?P<op>=~|!~|!=|=)\s*(?P<value>"(?:[^"\\]|\\.)*"|[^"{},\s]*)\s*\Z"""
)
_DOUBLED = re.compile(r"(\s*\w+\s*!?=)=([^~\"].*)", re.DOTALL)
_ESCAPES = {"n": "\n", '"': '"', "\\": "\\"}


class MatcherError(ValueError):
    """A matcher that cannot be read; the message says what is wrong and how to mend it."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on one label."""

    name: str
    op: Op
    value: str

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Say whether the labels satisfy it."""
        have = labels.get(self.name, "")
        if self.op in ("=", "!="):
            return (have == self.value) == (self.op == "=")
        return (re.fullmatch(self.value, have, re.ASCII) is not None) == (self.op == "=~")

    def __str__(self) -> str:
        """Give it as a person writes it."""
        escaped = self.value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'{self.name}{self.op}"{escaped}"'


def parse_matcher(text: str) -> Matcher:
    """Read one matcher.

    Raises:
        MatcherError: it is not `name op value`, or its regular expression does not compile.

    """
    found = _LINE.match(text)
    if not found:
        msg = f'{text!r} is not a matcher; write it as name="value", with one of = != =~ !~'
        raise MatcherError(msg)
    value = found["value"]
    if value.startswith('"'):
        value = re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[0]), value[1:-1])
    op: Op = found["op"]  # type: ignore[assignment]  # the pattern admits these four alone
    if op in ("=~", "!~"):
        try:
            re.compile(value, re.ASCII)
        except (re.error, ValueError) as error:
            msg = f"{text!r}: the regular expression does not compile: {error}"
            raise MatcherError(msg) from error
    return Matcher(found["name"], op, value)


def doubled(text: str) -> Matcher | None:
    """Give what a matcher means that compares with two signs, as programs do (`service==cart`); None where it has one.

    Alertmanager reads it as we do: the value is `=cart`, which no label is.
    """
    found = _DOUBLED.match(text)
    return parse_matcher(f"{found[1]}{found[2]}") if found else None


@dataclass(frozen=True, slots=True)
class Match:
    """What a page or a service matches: alternatives, each a list of matchers that must all hold; none matches nothing."""

    alternatives: tuple[tuple[Matcher, ...], ...] = ()

    def best(self, labels: Mapping[str, str]) -> tuple[Matcher, ...] | None:
        """Give the most specific alternative that holds: more equality matchers, then more matchers; else None."""
        holding = [found for found in self.alternatives if all(m.matches(labels) for m in found)]
        return max(holding, key=specificity, default=None)


def specificity(matchers: Sequence[Matcher]) -> tuple[int, int]:
    """Give the number of equality matchers and the number of matchers."""
    return sum(m.op == "=" for m in matchers), len(matchers)
