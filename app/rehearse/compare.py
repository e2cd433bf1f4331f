"""What was expected, held against what came."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from app.rehearse.cases import Expectation, Outcome, Sent
from app.rehearse.facts import Facts


@dataclass(frozen=True)
class Difference:
    """Something that is not as it was expected."""

    line: int
    what: str
    expected: str
    got: str
    """Several lines where it is a list, marked `-` for what lacks and `+` for what is too much."""


def compare(expect: Expectation, facts: Facts) -> list[Difference]:
    """Give all differences."""
    return list(_differences(expect, facts))


def _differences(expect: Expectation, facts: Facts) -> Iterator[Difference]:
    line = {**dict.fromkeys(("commands", "steps", "outcome", "incident", "pages", "outputs", "within"), expect.line),
            **expect.lines}  # fmt: skip
    run, incident = facts.execution, facts.incident
    if expect.commands is not None:
        yield from _commands(expect.commands, facts, line["commands"])
    for name, outcome in expect.steps.items():
        found = facts.step(name)
        got = Outcome(found[1].status.value, found[1].reason) if found else None
        yield from _outcome(outcome, got, found[1].detail if found else "", line["steps"], f"step {name}")
    if expect.outcome is not None:
        got = (
            Outcome(run.status.value, run.reason)
            if run
            else Outcome("none", incident.runbook_reason if incident else "")
        )
        yield from _outcome(expect.outcome, got, _why(facts), line["outcome"], "outcome")
    if expect.incident is not None:
        got = Outcome(incident.status.value, incident.reason) if incident else None
        yield from _outcome(expect.incident, got, "", line["incident"], "incident")
    if expect.pages is not None and list(expect.pages) != facts.calls:
        yield Difference(line["pages"], "pages", _row(expect.pages), _row(facts.calls))
    for name, value in expect.outputs.items():
        got_value = run.outputs.get(name) if run else None
        if got_value != value:
            yield Difference(line["outputs"], f"output {name}", repr(value), repr(got_value))
    if expect.within is not None:
        took = run.ended_at - facts.start if run and run.ended_at else None
        if took is None or took > expect.within:
            yield Difference(line["within"], "within", str(expect.within), str(took or "not ended"))


def _outcome(want: Outcome, got: Outcome | None, detail: str, line: int, what: str) -> Iterator[Difference]:
    if got is None:
        yield Difference(line, what, str(want), "nothing of that name")
    elif want.status != got.status or (want.reason and want.reason != got.reason):
        yield Difference(line, what, str(want), f"{got}{f': {detail}' if detail else ''}")


def _why(facts: Facts) -> str:
    run = facts.execution
    failed = next((step for step in run.steps if step.step == run.failed_step), None) if run else None
    return f"step {failed.step}: {failed.detail or failed.reason}" if failed else ""


def _commands(expected: Sequence[Sent], facts: Facts, line: int) -> Iterator[Difference]:
    sent = [(facts.name_of(command), command) for command in facts.commands]
    names = [name for name, _ in sent]
    wanted = [each.name for each in expected]
    places = _fit(wanted, names)
    if places is None:
        yield Difference(line, "commands", _row(wanted), "\n".join(_marked(wanted, names)) or "none")
        return
    for each, place in zip(expected, places, strict=True):
        if place is None:
            continue
        name, command = sent[place]
        for param, value in each.params.items():
            got: Any = command.params.get(param, "nothing")
            if got != value:
                yield Difference(line, f"command {name}: {param}", repr(value), repr(got))


def _fit(wanted: Sequence[str], names: Sequence[str]) -> list[int | None] | None:
    """Give the place of each wanted name among the names, None for `*`; None where they do not fit."""
    marks = [f"{name}\n" for name in names]
    pattern = "".join(r"((?:[^\n]*\n)*?)" if name == "*" else f"({re.escape(name)}\n)" for name in wanted)
    found = re.fullmatch(pattern, "".join(marks))
    if found is None:
        return None
    text = "".join(marks)
    return [
        None if name == "*" else text.count("\n", 0, found.start(group))
        for group, name in enumerate(wanted, 1)
    ]


def _marked(wanted: Sequence[str], names: Sequence[str]) -> Iterator[str]:
    for kind, a, b, c, d in SequenceMatcher(None, wanted, names, autojunk=False).get_opcodes():
        if kind == "equal":
            yield from (f"  {name}" for name in names[c:d])
        else:
            yield from (f"- {name}" for name in wanted[a:b])
            yield from (f"+ {name}" for name in names[c:d])


def _row(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"
