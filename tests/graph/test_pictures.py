"""Pictures show every step, what it needs, and what is special about it; boxes stand apart, and nothing breaks out of its text."""

import re
from dataclasses import replace
from itertools import combinations
from xml.etree import ElementTree as ET

import pytest

from app.graph.layout import WIDTH, place
from app.graph.mermaid import mermaid
from app.graph.svg import svg
from app.graph.words import short
from app.library.compile import compile_library
from app.library.folder import read_folder
from app.model.runbook import Step
from app.model.words import Phase
from app.resources import runbooks_dir
from tests.core.estate import page
from tests.rehearse.estate import LIBRARY

SAMPLES = compile_library(read_folder(runbooks_dir()))
PAGES = [
    *((each, SAMPLES) for each in SAMPLES.runbooks.values()),
    *((each, LIBRARY) for each in LIBRARY.runbooks.values()),
]
RICH = LIBRARY.runbooks["rich"]
TAG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(("book", "library"), PAGES, ids=[book.id for book, _ in PAGES])
def test_every_step_and_every_need_is_drawn(book, library):
    drawn = ET.fromstring(svg(book, library.actions))
    texts = [each.text for each in drawn.iter(f"{TAG}text") if each.get("class") == "id"]
    assert sorted(texts) == sorted(step.id for step in book.steps)
    arrows = [each for each in drawn.iter(f"{TAG}path") if each.get("class") == "need"]
    assert len(arrows) == sum(len(step.needs) for step in book.steps)
    chart = mermaid(book, library.actions)
    for step in book.steps:
        assert f"<b>{step.id}</b>" in chart
        assert all(f"s_{need} --> s_{step.id}" in chart for need in step.needs)


def test_what_is_special_about_a_step_is_said():
    drawn = svg(RICH, LIBRARY.actions)
    for words in (
        "approval: shop", "rollback: k.scale", "probe: k.look", "for each, 1 at once", "2 attempts", "only on failure",
        "page look-closer", "by hand: Tell the shop.", "for 1m, at most 8m", "if steps.scale.status == &#x27;skipped&#x27;",
    ):  # fmt: skip
        assert words in drawn
    chart = mermaid(RICH, LIBRARY.actions)
    assert 's_scale -. "if mitigation fails" .-> r_scale["k.scale"]:::change' in chart
    assert 's_quiet(["' in chart


def test_boxes_stand_apart_and_below_what_they_need():
    steps = [
        Step(id=f"s{number}", phase=Phase.DIAGNOSIS, line=1, action="k.look", needs=tuple(f"s{n}" for n in range(number) if (number + n) % 3 == 0))
        for number in range(12)
    ]  # fmt: skip
    placed = place(
        page(*steps), {step.id: ("what it does",) * (number % 4) for number, step in enumerate(steps)}, 50
    )
    by_id = {box.step.id: box for box in placed.boxes}
    for one, other in combinations(placed.boxes, 2):
        beside = one.x + WIDTH <= other.x or other.x + WIDTH <= one.x
        assert beside or one.y + one.height <= other.y or other.y + other.height <= one.y
    for box in placed.boxes:
        assert all(by_id[need].y + by_id[need].height <= box.y for need in box.step.needs)
        assert box.x + WIDTH <= placed.width
        assert box.y + box.height <= placed.height


def test_a_circle_of_needs_is_drawn_all_the_same():
    circle = page(
        Step(id="a", phase=Phase.DIAGNOSIS, line=1, action="k.look", needs=("b",)),
        Step(id="b", phase=Phase.DIAGNOSIS, line=2, action="k.look", needs=("a",)),
    )
    assert len(place(circle, {"a": (), "b": ()}, 0).boxes) == 2


def test_words_cannot_break_out_of_the_picture():
    evil = replace(RICH, title='</title><script>alert("x")</script>', path="<&>")
    drawn = svg(evil, {})
    assert "<script" not in drawn
    assert ET.fromstring(drawn).find(f"{TAG}title").text == evil.title
    wait = next(step for step in RICH.steps if step.wait)
    bad = replace(wait, manual=None, action='"]; click x <b>', wait=None)
    chart = mermaid(replace(RICH, steps=(bad,)), {})
    assert "#quot;]; click x #lt;b#gt;" in chart
    assert re.search(r'\["[^"]*"\]', chart)


def test_a_checklist_is_a_picture_without_steps():
    drawn = ET.fromstring(svg(LIBRARY.runbooks["list"], {}))
    assert not [each for each in drawn.iter(f"{TAG}text") if each.get("class") == "id"]


def test_long_words_are_short():
    assert short("a long word", 7) == "a long…"
