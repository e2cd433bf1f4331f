"""A scenario: what reached an estate's inputs and when, and the truth about it. Kept as JSON lines; docs/correlation.md has the format."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError

from app.core.identity import known_fingerprint
from app.model.base import Frozen, Instant
from app.model.inputs import Alert
from app.model.topics import ALERTS, INPUTS

VERSION = 1
_UNKNOWN = "there is no such field; docs/correlation.md has those of each line"


class _Line(Frozen):
    """A line: a field that it does not have would be lost without a word."""

    model_config = ConfigDict(extra="forbid")


class Head(_Line):
    """The first line of a scenario."""

    kind: Literal["scenario"] = "scenario"
    version: int = VERSION
    """The version of the format."""
    name: str
    """Unique in the file."""
    class_: str = Field(default="", alias="class")
    """What kind of story it is; scores are shown for each class."""
    start: Instant
    """The moment of second 0."""
    library: dict[str, str]
    """The library's files: path to text. Manifests alone will do."""


class Input(_Line):
    """A message on an input topic."""

    kind: Literal["input"] = "input"
    at: float = Field(ge=0)
    """When the broker appended it, in seconds from `start`. Lines are in this order."""
    topic: str
    """alerts, system-events, user-reports, step-results or responses."""
    value: Any
    """The message's value, as JSON: for alerts one or a list."""


class Outage(_Line):
    """A thing that truly went wrong."""

    kind: Literal["outage"] = "outage"
    id: str
    """Unique in the scenario."""
    root: str
    """The service of the catalog where its cause lies."""
    change: str | None = None
    """The id of the system event that caused it; null: none did."""


class TrueAlert(_Line):
    """What an alert was truly about."""

    kind: Literal["alert"] = "alert"
    fingerprint: Annotated[str, AfterValidator(lambda given: given.strip().lower())]
    """The alert's fingerprint, in lower case as intake knows it."""
    starts_at: Instant = Field(alias="startsAt")
    """When that firing of it began, by its source."""
    outage: str | None
    """The outage that raised it; null: it is noise of its own."""


AnyLine = Head | Input | Outage | TrueAlert
_LINE: TypeAdapter[AnyLine] = TypeAdapter(Annotated[AnyLine, Field(discriminator="kind")])


class _Placed(NamedTuple):
    """A line, and its file and number."""

    where: str
    line: AnyLine


@dataclass(frozen=True, order=True)
class Episode:
    """One firing of an alert, from its start to its end."""

    fingerprint: str
    starts_at: Instant


@dataclass(frozen=True)
class Scenario:
    """One story with its truth."""

    head: Head
    inputs: tuple[Input, ...]
    outages: Mapping[str, Outage]
    truth: Mapping[Episode, str | None]
    """Each firing and its outage; None: noise. A firing that is not in it counts as noise, too."""
    places: Mapping[str, str] = field(default_factory=dict, compare=False)
    """The file and line of each outage, where it was read from one."""


class ScenarioError(ValueError):
    """Lines that are no scenarios; the message has a line for each mistake, with file, line and mend."""


def dump(scenario: Scenario) -> Iterator[str]:
    """Give the scenario's lines; equal scenarios give equal lines."""
    truth = [
        TrueAlert(fingerprint=episode.fingerprint, starts_at=episode.starts_at, outage=outage)
        for episode, outage in scenario.truth.items()
    ]
    for line in (scenario.head, *scenario.inputs, *scenario.outages.values(), *truth):
        yield json.dumps(line.model_dump(mode="json"), ensure_ascii=False)


def read(lines: Iterable[str], path: str) -> list[Scenario]:
    """Read scenarios.

    Raises:
        ScenarioError: lines are wrong; it names all of them.

    """
    problems: list[str] = []
    parts = _parts(lines, path, problems)
    _check_names(parts, problems)
    scenarios = [_scenario(part, problems) for part in parts]
    if not scenarios and not problems:
        mend = "`oncall evaluate correlation --write FOLDER` writes some"
        problems.append(f"{path}: it holds no scenario; {mend}")
    if problems:
        raise ScenarioError("\n".join(problems))
    return scenarios


def _parts(lines: Iterable[str], path: str, problems: list[str]) -> list[list[_Placed]]:
    """Give each scenario's lines."""
    parts: list[list[_Placed]] = []
    for number, text in enumerate(lines, 1):
        where = f"{path}:{number}"
        line = _line(text, where, problems) if text.strip() else None
        if isinstance(line, Head):
            parts.append([_Placed(where, line)])
        elif line is not None and parts:
            parts[-1].append(_Placed(where, line))
        elif line is not None:
            mend = 'put a line of kind "scenario" before it'
            problems.append(f"{where}: no scenario begins here; {mend}")
            break
    return parts


def _check_names(parts: Iterable[list[_Placed]], problems: list[str]) -> None:
    first: dict[str, str] = {}
    for (where, head), *_ in parts:
        assert isinstance(head, Head)  # noqa: S101  # each part begins with its head
        if head.name in first:
            problems.append(
                f"{where}: name: {head.name!r} is the scenario's at {first[head.name]}; give each its own"
            )
        first.setdefault(head.name, where)


def _line(text: str, where: str, problems: list[str]) -> AnyLine | None:
    try:
        line = _LINE.validate_python(json.loads(text))
    except json.JSONDecodeError as error:
        problems.append(f"{where}: column {error.colno} is not JSON ({error.msg}); write one object a line")
        return None
    except ValidationError as error:
        for each in error.errors(include_url=False):
            field = ".".join(str(part) for part in each["loc"][1:]) or "kind"
            words = _UNKNOWN if each["type"] == "extra_forbidden" else each["msg"]
            problems.append(f"{where}: {field}: {words[:1].lower()}{words[1:]}")
        return None
    if isinstance(line, Head) and line.version != VERSION:
        problems.append(f"{where}: version: {line.version} is not known; this release reads {VERSION}")
    if isinstance(line, Input) and line.topic not in INPUTS:
        problems.append(f"{where}: topic: {line.topic!r} is none of {', '.join(INPUTS)}")
    return line


def _scenario(part: list[_Placed], problems: list[str]) -> Scenario:
    where, head = part[0]
    assert isinstance(head, Head)  # noqa: S101  # each part begins with its head
    inputs = tuple(line for _, line in part if isinstance(line, Input))
    outages: dict[str, Outage] = {}
    truth: dict[Episode, str | None] = {}
    places: dict[str, str] = {}
    first: dict[Episode, str] = {}
    for place, line in part:
        if isinstance(line, Outage):
            if line.id in outages:
                problems.append(
                    f"{place}: id: {line.id!r} is the outage's at {places[line.id]}; give each its own"
                )
            outages.setdefault(line.id, line)
            places.setdefault(line.id, place)
        elif isinstance(line, TrueAlert):
            episode = Episode(line.fingerprint, line.starts_at)
            if episode in truth:
                problems.append(f"{place}: this firing's truth is said at {first[episode]}; keep one of them")
            truth.setdefault(episode, line.outage)
            first.setdefault(episode, place)
    if any(after.at < before.at for before, after in pairwise(inputs)):
        problems.append(f"{where}: inputs of {head.name} are not in order; sort them by at")
    unknown = sorted({each for each in truth.values() if each is not None and each not in outages})
    problems += [f"{where}: {head.name} has alerts of {each!r}, but no outage of that id" for each in unknown]
    return Scenario(head, inputs, outages, truth, places)


def alerts_of(entry: Input) -> list[dict[str, Any]]:
    """Give the alerts of an input of topic `alerts`, as they stand there."""
    if entry.topic != ALERTS:
        return []
    value = entry.value
    if isinstance(value, dict) and isinstance(value.get("alerts"), list):
        value = value["alerts"]
    entries = value if isinstance(value, list) else [value]
    return [each for each in entries if isinstance(each, dict)]


def known_alert(entry: dict[str, Any]) -> Alert | None:
    """Give an alert as it stands in an input, under the fingerprint that intake knows it by; None where it is none."""
    try:
        alert = Alert.model_validate(entry)
    except ValidationError:
        return None
    return alert.model_copy(update={"fingerprint": known_fingerprint(alert.fingerprint, alert.labels)})
