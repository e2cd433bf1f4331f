"""What stands before a page: ours between `---` lines as YAML; that of site generators is left alone."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass

from app.library.fields import Fields
from app.library.located import Located, Place, read_yaml
from app.library.names import check_order
from app.library.params import Expressions, fits
from app.library.problems import Findings, suggest
from app.model.base import Scalar
from app.model.catalog import TYPES
from app.model.expressions import Param
from app.model.runbook import Input

_YAML = re.compile(r"\A\s*?---[ \t]*\n(.*?\n)?---[ \t]*(?:\n|\Z)", re.DOTALL)
_TOML = re.compile(r"\A\s*?\+\+\+[ \t]*\n(.*?\n)?\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL)
_OPENED = re.compile(r"\A(\s*?)---[ \t]*\n(?:id|title|owner|match)[ \t]*:")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


@dataclass(frozen=True)
class Front:
    """Front matter, and the text below it."""

    located: Located | None
    body: str
    lines_before: int
    """How many lines are before the body."""
    title: str = ""
    """A title that is said in a way that is not ours."""


def read_front(text: str, findings: Findings) -> Front:
    """Split a page."""
    if (found := _TOML.match(text)) is not None:
        return Front(None, text[found.end() :], _lines(text, found), _toml_title(found[1] or ""))
    found = _YAML.match(text)
    if found is None:
        _check_closed(text, findings)
        return Front(None, text, 0)
    before = text[: found.start(1)].count("\n") if found[1] is not None else 1
    located = read_yaml(found[1] or "", findings, before)
    if located is not None and not isinstance(located.value, dict):
        return Front(None, text, 0)  # two lines across the page with text between them
    check_order(found[1] or "", before + 1, findings)
    return Front(located, text[found.end() :], _lines(text, found))


def _check_closed(text: str, findings: Findings) -> None:
    """Advise where a page opens front matter and never closes it: nothing of it counts then, its `match` neither."""
    if (found := _OPENED.match(text)) is not None:
        line = 1 + text[: found.end(1)].count("\n")
        words = "the front matter is not closed, so nothing of it counts"
        findings.advise((line, 1), words, "end it with a line of ---")


def read_inputs(fields: Fields, expressions: Expressions) -> dict[str, Input]:
    """Read `inputs`: name to type, or to a map."""
    return {name: _input(name, located, expressions) for name, located in fields.entries("inputs").items()}


def check_names(names: dict[str, Place], what: str, findings: Findings) -> None:
    """Check that names can be read in CEL as `inputs.NAME`."""
    for name, place in names.items():
        if not _NAME.fullmatch(name):
            findings.error(place, f"{name!a} is no name of an {what}", "write it as [a-z][a-z0-9_]*")


def _input(name: str, located: Located, expressions: Expressions) -> Input:
    findings = expressions.findings
    if located.value is None or isinstance(located.value, str):
        kind, at, fields = located.value or "string", located.place, Fields(None, findings, f"input {name}")
    else:
        fields = Fields(located, findings, f"input {name}")
        kind, at = fields.text("type", "string"), fields.place_of("type")
    if kind not in TYPES:
        findings.error(at, f"{kind!r} is no type", suggest(kind, TYPES))
        kind = "string"
    given = fields.located("default")
    default: Param = expressions.param(given) if given is not None else None
    if given is not None and not fits(default, kind):
        findings.error(given.place, f"the default of input {name} is no {kind}")
    required = fields.flag("required", default=given is None)
    said = Input(name, kind, required, default, fields.text("description"))
    fields.finish()
    return said


def _lines(text: str, found: re.Match[str]) -> int:
    return text[: found.end()].count("\n")


def _toml_title(text: str) -> str:
    try:
        title: Scalar = tomllib.loads(text).get("title", "")
    except (tomllib.TOMLDecodeError, RecursionError):
        return ""
    return title if isinstance(title, str) else ""
