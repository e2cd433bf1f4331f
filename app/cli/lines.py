"""Reading JSON lines that a person wrote: every mistake is found at once, each with its line, its field and the mend."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from app.model.base import Frozen
from app.model.inputs import Alert


@dataclass
class Reading:
    """What was read, and what was wrong with the rest."""

    values: list[Frozen] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    """`line 3: labels: what is wrong`, in order."""
    advice: list[str] = field(default_factory=list)
    """Fields that nobody will read."""


def read_lines(text: str, model: type[Frozen]) -> Reading:
    """Read JSON lines as values of the model; one JSON document over several lines will do, and so will a list of values."""
    reading = Reading()
    unknown: set[str] = set()
    for number, said in _documents(text, reading):
        for one in said if isinstance(said, list) else [said]:
            _take(one, number, model, reading, unknown)
    return reading


def _documents(text: str, reading: Reading) -> Iterator[tuple[int, Any]]:
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(lines) > 1:
        try:
            whole = json.loads(text)
        except (ValueError, RecursionError):
            pass
        else:
            yield lines[0][0], whole
            return
    for number, line in lines:
        try:
            yield number, json.loads(line)
        except json.JSONDecodeError as error:
            reading.problems.append(
                f"line {number}, column {error.colno}: not JSON ({error.msg}); write one object a line"
            )
        except RecursionError:
            reading.problems.append(f"line {number}: it nests too deep to be read; write it flatter")


def _take(said: Any, number: int, model: type[Frozen], reading: Reading, unknown: set[str]) -> None:
    try:
        json.dumps(said, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        reading.problems.append(
            f"line {number}: half a surrogate (such as \\ud800) is no character; write both halves or the character"
        )
        return
    try:
        value = model.model_validate(said)
    except ValidationError as error:
        reading.problems.extend(f"line {number}: {told}" for told in _told(error))
        return
    if isinstance(value, Alert) and not value.labels:
        reading.problems.append(
            f"line {number}: labels: empty; an alert is known by its labels, give at least one"
        )
        return
    reading.values.append(value)
    names = _names(model)
    for name in said:
        if name not in names and name not in unknown:
            unknown.add(name)
            close = get_close_matches(name, names, n=1)
            hint = f"did you mean {close[0]}?" if close else "nobody will read it"
            reading.advice.append(f"line {number}: {name} is no field of {model.__name__}; {hint}")


def _told(error: ValidationError) -> Iterable[str]:
    for each in error.errors(include_url=False):
        where = ".".join(str(part) for part in each["loc"]) or "the value"
        yield f"{where}: {each['msg'][:1].lower()}{each['msg'][1:]}"


def _names(model: type[Frozen]) -> list[str]:
    fields = model.model_fields.items()
    return [name for name, _ in fields] + [info.alias for _, info in fields if info.alias]
