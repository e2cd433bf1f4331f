"""A page as a Mermaid flowchart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from app.graph.words import TITLES, kind_of, marks_of, notes_of, short, what_of
from app.model.catalog import Action
from app.model.runbook import Runbook, Step
from app.model.words import Phase

SHAPES = {"wait": ('(["', '"])'), "manual": ('[/"', '"/]'), "uses": ('[["', '"]]')}
CLASSES = """\
  classDef read fill:#eef4fb,stroke:#4a78a8
  classDef idempotent fill:#fdf3e1,stroke:#c98a1b
  classDef change fill:#fde7e1,stroke:#c4492d
  classDef wait fill:#f3f3f3,stroke:#777,stroke-dasharray:4
  classDef manual fill:#f1ecfa,stroke:#7a57b5
  classDef uses fill:#e8f6ee,stroke:#3b8a5d"""


def mermaid(page: Runbook, actions: Mapping[str, Action]) -> str:
    """Give the text of the flowchart; it ends in a newline."""
    return "\n".join([*_lines(page, actions), CLASSES]) + "\n"


def _lines(page: Runbook, actions: Mapping[str, Action]) -> Iterator[str]:
    yield "flowchart TD"
    phases = [phase for phase in Phase if any(step.phase is phase for step in page.steps)]
    for phase in phases:
        yield f'  subgraph {phase.value}["{TITLES[phase]}"]'
        for step in page.steps:
            if step.phase is phase:
                yield f"    {_node(step, kind_of(step, actions))}"
        yield "  end"
    for before, after in pairwise(phases):
        yield f"  {before.value} ==> {after.value}"
    for step in page.steps:
        for need in step.needs:
            yield f"  s_{need} --> s_{step.id}"
        if step.rollback is not None:
            yield f'  s_{step.id} -. "if mitigation fails" .-> r_{step.id}["{_safe(step.rollback.action)}"]:::change'


def _node(step: Step, kind: str) -> str:
    opens, closes = SHAPES.get(kind, ('["', '"]'))
    words = [f"<b>{step.id}</b>", _safe(short(what_of(step), 60))]
    if step.condition is not None:
        words.append(f"if {_safe(short(step.condition.source, 60))}")
    words += [f"<i>{_safe(mark)}</i>" for mark in (*marks_of(step), *notes_of(step))]
    return f"s_{step.id}{opens}{'<br/>'.join(words)}{closes}:::{kind}"


def _safe(text: str) -> str:
    """Give a text that Mermaid shows as it is."""
    flat = " ".join(text.split())
    return flat.replace("&", "#amp;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")
