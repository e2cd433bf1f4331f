"""Where each step stands in the picture: phases are bands from top to bottom, within them steps go by what they need."""

from __future__ import annotations

from dataclasses import dataclass

from app.model.runbook import Runbook, Step
from app.model.words import Phase

WIDTH = 270
LINE = 17
PAD = 12
GAP_X = 34
GAP_Y = 34
MARGIN = 18
SIDE = 120
"""The room left of the steps, for the phase's name."""
ACROSS = 4
"""How many steps stand beside one another."""


@dataclass(frozen=True)
class Box:
    """A step's place, in pixels."""

    step: Step
    lines: tuple[str, ...]
    x: int
    y: int
    height: int

    @property
    def middle(self) -> int:
        """The middle, from the left."""
        return self.x + WIDTH // 2


@dataclass(frozen=True)
class Band:
    """A phase's place."""

    phase: Phase
    y: int
    height: int


@dataclass(frozen=True)
class Picture:
    """Everything, placed."""

    boxes: tuple[Box, ...]
    bands: tuple[Band, ...]
    width: int
    height: int


def place(page: Runbook, lines: dict[str, tuple[str, ...]], top: int) -> Picture:
    """Place the steps below `top`; `lines` holds what each box says under its name."""
    boxes: list[Box] = []
    bands: list[Band] = []
    y = top
    for phase in Phase:
        rows = _rows([step for step in page.steps if step.phase is phase])
        if not rows:
            continue
        begun, y = y, y + PAD
        for row in rows:
            height = max(_height(lines[step.id]) for step in row)
            for column, step in enumerate(row):
                x = SIDE + MARGIN + column * (WIDTH + GAP_X)
                boxes.append(Box(step, lines[step.id], x, y, _height(lines[step.id])))
            y += height + GAP_Y
        y += PAD - GAP_Y
        bands.append(Band(phase, begun, y - begun))
        y += GAP_Y
    right = max((box.x + WIDTH for box in boxes), default=SIDE + WIDTH)
    return Picture(tuple(boxes), tuple(bands), right + 2 * MARGIN, y - GAP_Y + MARGIN)


def _height(lines: tuple[str, ...]) -> int:
    return 2 * PAD + LINE * (1 + len(lines))


def _rows(steps: list[Step]) -> list[list[Step]]:
    """Give the steps of a phase in rows: each below all that it needs."""
    depth: dict[str, int] = {}
    here = {step.id for step in steps}
    left = list(steps)
    while left:
        ready = [step for step in left if all(need in depth or need not in here for need in step.needs)]
        for step in ready or left:  # a circle of needs, which lint refuses, is drawn all the same
            depth[step.id] = 1 + max((depth.get(need, -1) for need in step.needs if need in here), default=-1)
        left = [step for step in left if step.id not in depth]
    rows: list[list[Step]] = []
    for level in sorted(set(depth.values())):
        row = [step for step in steps if depth[step.id] == level]
        rows += [row[first : first + ACROSS] for first in range(0, len(row), ACROSS)]
    return rows
