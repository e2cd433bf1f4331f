"""YAML 1.2 with the place of every value, so that a mistake can be pointed at."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer, ComposerError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from app.library.problems import Findings

MAX_NODES = 50_000
"""How many values a file may have, in all its YAML, once aliases are followed."""
MAX_DEPTH = 20

Place = tuple[int, int]


@dataclass(frozen=True)
class Located:
    """A value with its place (line and column from 1). Lists and maps hold located values."""

    value: Any
    place: Place
    keys: dict[str, Place] = field(default_factory=dict)
    """The places of a map's keys."""

    def plain(self) -> Any:
        """Give the value without places."""
        if isinstance(self.value, dict):
            return {name: each.plain() for name, each in self.value.items()}
        if isinstance(self.value, list):
            return [each.plain() for each in self.value]
        return self.value


def read_yaml(text: str, findings: Findings, offset: int = 0) -> Located | None:
    """Read a YAML document; `offset` is the number of lines before it in its file. None where it is empty or broken."""
    try:
        yaml = YAML(typ="safe", pure=True)
        yaml.Composer = _CountingComposer
        node = yaml.compose(text)
        return _Reader(findings, offset).read(node, 0) if node is not None else None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1 + offset, mark.column + 1) if mark else (1 + offset, 1)
        findings.error(place, f"YAML: {_words(error)}", _mend(_words(error)))
    except _TooLargeError as error:
        findings.error(error.place, str(error), _PLAINLY)
    except RecursionError:
        findings.error((1 + offset, 1), _TOO_DEEP, _PLAINLY)
    except (YAMLError, ValueError) as error:
        findings.error((1 + offset, 1), f"YAML: {error}", "write it as YAML 1.2")
    return None


_TOO_DEEP = "the document is too large or nested too deep"
_PLAINLY = "write it out plainly, without nested aliases"
_MENDS = (
    ("character '\\t'", "indent with spaces: YAML takes no tabs there"),
    ("character '", "put a text that begins with it in quotes"),
    ("mapping values are not allowed", "put a text with ': ' in it in quotes, and see that indents agree"),
    ("found another document", "a file is one document: take the --- out, or make it two files"),
)
"""What the parser says of usual slips, and how each is mended."""


def _words(error: MarkedYAMLError) -> str:
    problem = str(error.problem or error.context)
    return f"{error.context}, {problem}" if problem.startswith("but ") and error.context else problem


def _mend(words: str) -> str:
    found = (mend for said, mend in _MENDS if said in words)
    return next(found, "see that quotes, brackets and indents close")


class _TooLargeError(Exception):
    def __init__(self, message: str, place: Place) -> None:
        super().__init__(message)
        self.place = place


class _CountingComposer(Composer):
    """Gives up on a document of too many values before it has read all of it."""

    _count = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        self._count += 1
        if self._count > MAX_NODES:
            mark = self.parser.peek_event().start_mark
            raise ComposerError(problem="the document is too large", problem_mark=mark)
        return super().compose_node(parent, index)


class _Reader:
    def __init__(self, findings: Findings, offset: int) -> None:
        self._findings, self._offset = findings, offset

    def read(self, node: Node, depth: int) -> Located:
        place = (node.start_mark.line + 1 + self._offset, node.start_mark.column + 1)
        self._findings.values += 1
        if self._findings.values > MAX_NODES or depth > MAX_DEPTH:
            raise _TooLargeError(_TOO_DEEP, place)
        if isinstance(node, MappingNode):
            return self._map(node, place, depth)
        if isinstance(node, SequenceNode):
            return Located([self.read(each, depth + 1) for each in node.value], place)
        return Located(_scalar(node) if isinstance(node, ScalarNode) else None, place)

    def _map(self, node: MappingNode, place: Place, depth: int) -> Located:
        values: dict[str, Located] = {}
        keys: dict[str, Place] = {}
        for key_node, value_node in node.value:
            at = (key_node.start_mark.line + 1 + self._offset, key_node.start_mark.column + 1)
            if not isinstance(key_node, ScalarNode):
                self._findings.error(at, "a key is no plain text", "write keys as words")
                continue
            name = str(key_node.value)
            if name in values:
                self._findings.error(at, f"{name!r} is given twice", "keep one of them")
            values[name], keys[name] = self.read(value_node, depth + 1), at
        return Located(values, place, keys)


_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


def _scalar(node: ScalarNode) -> Any:
    """Resolve a scalar by the core schema of YAML 1.2: `yes`, `no`, `on` and dates are text."""
    text = node.value
    if node.style is not None:
        return text
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "TRUE"):
        return True
    if text in ("false", "False", "FALSE"):
        return False
    if _INT.fullmatch(text):
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    return float(text) if _FLOAT.fullmatch(text) else text
