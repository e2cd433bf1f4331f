"""Alertmanager's ways to write matchers, read as ours: `matchers` in both of its syntaxes, and the old `match` and `match_re`."""

from __future__ import annotations

import re

from app.library.fields import Fields
from app.library.located import Located
from app.model.matchers import Matcher, Op

_LABEL = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_ONE = re.compile(
    rf'\s*(?P<name>{_LABEL}|"(?:[^"\\]|\\.)*")\s*(?P<op>=~|!~|!=|=)\s*(?P<value>"(?:[^"\\]|\\.)*"|[^"]*?)\s*\Z',
    re.DOTALL,
)
_PART = re.compile(r'(?:[^",]|"(?:[^"\\]|\\.)*")+')
_NO_LEAST = re.compile(r"(?<!\\)\{,\d*\}")
"""A repetition without its least number, which is none in Go."""
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}


class CannotError(ValueError):
    """Something that our words do not have; the message says why."""


def matchers(fields: Fields, new: str, old: str, old_re: str) -> list[Matcher]:
    """Give the matchers of a map's fields, all of which must hold; the fields are asked for.

    Raises:
        CannotError: one of them cannot be ours.

    """
    listed, plain, patterns = fields.items(new), fields.entries(old), fields.entries(old_re)
    found = [each for line in listed for each in _line(str(line.value))]
    found += [_matcher(name, "=", _text(value, name)) for name, value in plain.items()]
    found += [_matcher(name, "=~", _text(value, name)) for name, value in patterns.items()]
    return found


def _text(value: Located, name: str) -> str:
    if isinstance(value.value, list | dict):
        raise CannotError(f"the value of {name} is no text")
    return "" if value.value is None else str(value.value)


def _line(text: str) -> list[Matcher]:
    """Read a line: one matcher, or several between commas, with braces around or without."""
    inner = text.strip()
    if inner.startswith("{") and inner.endswith("}"):
        inner = inner[1:-1]
    parts = [part for part in _PART.findall(inner) if part.strip()]
    if not parts:
        raise CannotError(f"{text!r} is no matcher")
    return [_part(part, text) for part in parts]


def _part(part: str, line: str) -> Matcher:
    found = _ONE.match(part)
    if found is None:
        raise CannotError(f"{line!r} is no matcher")
    value = found["value"]
    if value.startswith('"'):
        value = _unquoted(value)
    op: Op = found["op"]  # type: ignore[assignment]  # the pattern admits these four alone
    name = found["name"]
    return _matcher(_unquoted(name) if name.startswith('"') else name, op, value)


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[0]), text[1:-1])


def _matcher(name: str, op: Op, value: str) -> Matcher:
    if not re.fullmatch(_LABEL, name):
        raise CannotError(f"{name!r} is no label name here: letters, digits, _ and : alone")
    if op in ("=~", "!~"):
        check_regex(value)
    return Matcher(name, op, value)


def check_regex(pattern: str) -> None:
    """Check that a regular expression of Go's means the same here.

    Raises:
        CannotError: it does not compile here, or would mean something else.

    """
    if "[[:" in pattern:
        raise CannotError(f"{pattern!r} has a class such as [[:alpha:]]; write its characters out")
    if found := _NO_LEAST.search(pattern):
        raise CannotError(
            f"{pattern!r} has {found[0]}, which Alertmanager takes literally; write {{0,n}} or \\{{ for a brace"
        )
    if "(?i" in pattern and not pattern.isascii():
        raise CannotError(
            f"{pattern!r} has (?i) with letters beyond ASCII, whose case counts here; list both"
        )
    try:
        re.compile(pattern, re.ASCII)
    except (re.error, ValueError) as error:
        raise CannotError(f"the regular expression {pattern!r} does not compile here: {error}") from error
