"""A page as an SVG picture, drawn by ourselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape

from app.graph.layout import GAP_Y, LINE, MARGIN, PAD, SIDE, WIDTH, Band, Box, Picture, place
from app.graph.words import TITLES, kind_of, marks_of, notes_of, short, what_of
from app.model.catalog import Action
from app.model.durations import in_units
from app.model.runbook import Runbook, Step

TOP = 64
LETTERS = 36
"""How many letters a line of a box takes."""
STYLE = """\
  text { font: 13px system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif; fill: #222 }
  .title { font-size: 18px; font-weight: 600 } .sub { fill: #666 } .phase { font-weight: 600; fill: #555 }
  .id { font-weight: 600 } .if { fill: #7a4b00; font-style: italic } .mark { fill: #8c2f1b }
  .band { fill: #f7f7f5; stroke: #e3e3df } .box { stroke-width: 1.5; fill: #fff } .need { fill: none; stroke: #777; stroke-width: 1.4 }
  .read { stroke: #4a78a8; fill: #eef4fb } .idempotent { stroke: #c98a1b; fill: #fdf3e1 } .change { stroke: #c4492d; fill: #fde7e1 }
  .wait { stroke: #777; fill: #fff; stroke-dasharray: 5 4 } .manual { stroke: #7a57b5; fill: #f1ecfa } .uses { stroke: #3b8a5d; fill: #e8f6ee }
"""
TIP = (
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
    '<path d="M0,0 L8,4 L0,8 z" fill="#777"/></marker></defs>'
)
"""The tip of an arrow."""
KINDS = ("read", "idempotent", "change", "wait", "manual", "uses")


def svg(page: Runbook, actions: Mapping[str, Action]) -> str:
    """Give the picture as an SVG document; it ends in a newline."""
    picture = place(page, {step.id: tuple(text for _, text in _said(step)) for step in page.steps}, TOP)
    width = max(picture.width, SIDE + 3 * WIDTH)
    height = picture.height + GAP_Y
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img">',
            f"<title>{escape(page.title)}</title>",
            f"<style>\n{STYLE}</style>",
            TIP,
            f'<rect width="{width}" height="{height}" fill="#fff"/>',
            *_head(page),
            *(line for band in picture.bands for line in _band(band, width)),
            *_needs(picture),
            *(line for box in picture.boxes for line in _box(box, kind_of(box.step, actions))),
            *_legend(height - MARGIN),
            "</svg>\n",
        ]
    )


def _head(page: Runbook) -> Iterator[str]:
    yield f'<text class="title" x="{MARGIN}" y="28">{escape(page.title)}</text>'
    words = f"{page.path}, budget {in_units(page.budget)}" + (f", mode {page.mode}" if page.mode else "")
    yield f'<text class="sub" x="{MARGIN}" y="48">{escape(words)}</text>'


def _band(band: Band, width: int) -> Iterator[str]:
    wide = width - 2 * MARGIN
    yield f'<rect class="band" x="{MARGIN}" y="{band.y}" width="{wide}" height="{band.height}" rx="8"/>'
    yield f'<text class="phase" x="{MARGIN + PAD}" y="{band.y + PAD + LINE}">{TITLES[band.phase]}</text>'


def _needs(picture: Picture) -> Iterator[str]:
    by_id = {box.step.id: box for box in picture.boxes}
    for box in picture.boxes:
        for need in box.step.needs:
            above = by_id.get(need)
            if above is not None:
                yield f'<path class="need" marker-end="url(#tip)" d="{_way(above, box)}"/>'


def _way(above: Box, below: Box) -> str:
    """Give the way of an arrow: straight down to the next row, beside the boxes where there are some between."""
    x1, y1, x2, y2 = above.middle, above.y + above.height, below.middle, below.y
    bend = GAP_Y // 2 + 4
    if y2 - y1 <= 3 * GAP_Y + 2 * PAD or x1 != x2:
        return f"M{x1},{y1} C{x1},{y1 + bend} {x2},{y2 - bend} {x2},{y2}"
    side = above.x + WIDTH + 14
    return f"M{x1},{y1} C{x1},{y1 + bend} {side},{y1} {side},{y1 + bend} L{side},{y2 - bend} C{side},{y2} {x2},{y2 - bend} {x2},{y2}"


def _box(box: Box, kind: str) -> Iterator[str]:
    yield f'<rect class="box {kind}" x="{box.x}" y="{box.y}" width="{WIDTH}" height="{box.height}" rx="6"/>'
    y = box.y + PAD + 13
    yield f'<text class="id" x="{box.x + PAD}" y="{y}">{escape(box.step.id)}</text>'
    for style, text in _said(box.step):
        y += LINE
        yield f'<text class="{style}" x="{box.x + PAD}" y="{y}">{escape(text)}</text>'


def _said(step: Step) -> list[tuple[str, str]]:
    """Give the lines under a step's name, each with its style."""
    lines = [("", short(what_of(step), LETTERS))]
    if step.wait is not None:
        held = f"for {in_units(step.wait.hold)}, " if step.wait.hold else ""
        lines.append(("sub", f"{held}at most {in_units(step.wait.timeout)}"))
    if step.condition is not None:
        lines.append(("if", short(f"if {' '.join(step.condition.source.split())}", LETTERS)))
    lines += [("mark", short(mark, LETTERS)) for mark in marks_of(step)]
    return lines + [("sub", short(note, LETTERS)) for note in notes_of(step)]


def _legend(y: int) -> Iterator[str]:
    for place_, kind in enumerate(KINDS):
        x = MARGIN + place_ * 110
        yield f'<rect class="box {kind}" x="{x}" y="{y - 11}" width="16" height="12" rx="3"/>'
        yield f'<text class="sub" x="{x + 22}" y="{y}">{kind}</text>'
