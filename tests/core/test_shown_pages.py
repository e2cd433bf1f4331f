"""Pages of the library as documents: those that a library changed, each once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.model.commands import DocumentCommand
from app.model.expressions import Template
from app.model.inputs import Response, ResponseSignal
from app.model.notices import LIBRARY
from app.model.outputs import DeadLetter
from app.model.signals import Signal
from app.model.words import Mode
from app.road.in_force import announcement
from tests.core.estate import library, look, page
from tests.core.story import Story


def a_page(name: str, text: str = "Look.", owner: str = "shop"):
    return page(
        look(),
        id=name,
        title=name.title(),
        path=f"{name}.md",
        hash=f"hash of {name}: {text}",
        owner=owner,
        body=Template(text, (text,)),
    )


def lib(*pages, name: str = "lib1", **rules):
    return library(*pages, hash_=name, **rules)


def told(story: Story, made, version: int):
    """A worker tells that the library is in force; what was put out because of that, briefly."""
    story.publish(made)
    outputs = story.apply(*announcement(made, version, None).signals, domain=LIBRARY)
    return [(each.op, each.path, each.revision, each.base_revision) for each in outputs]


def answers(story: Story, command: DocumentCommand, **fields):
    response = Response(id=f"a{len(story.world.log)}", object_id=command.object_id, domain=LIBRARY, **fields)
    return story.apply(
        Signal(identity=f"response:{response.id}", body=ResponseSignal(response=response)), domain=LIBRARY
    )


ONE = lib(a_page("a"), a_page("b"))
TWO = lib(a_page("a", "Look twice."), a_page("c"), name="lib2")


def test_what_a_library_changed_is_written_and_what_it_lacks_is_taken_away() -> None:
    story = Story(ONE)
    assert told(story, ONE, 3) == [("publish", "runbooks/a.md", 1, 0), ("publish", "runbooks/b.md", 1, 0)]
    assert told(story, TWO, 7) == [
        ("publish", "runbooks/a.md", 2, 1),
        ("publish", "runbooks/c.md", 1, 0),
        ("remove", "runbooks/b.md", 2, 1),
    ]
    assert told(story, ONE, 9) == [
        ("publish", "runbooks/a.md", 3, 2),
        ("publish", "runbooks/b.md", 3, 2),
        ("remove", "runbooks/c.md", 2, 1),
    ], "a library that comes back is news"


def test_the_body_is_the_page_with_where_it_comes_from() -> None:
    story = Story(ONE)
    told(story, ONE, 1)
    body = story.outputs[0].body
    assert body == "# A\n\nLook.\n\n---\nRunbook `a` of shop, written in `a.md` (`hash of a: L`).\n"


def test_each_worker_tells_it_and_it_is_decided_once() -> None:
    story = Story(ONE)
    told(story, ONE, 3)
    assert told(story, ONE, 3) == []
    assert told(story, TWO, 7)
    assert told(story, ONE, 3) == [], "a worker that is behind"
    assert announcement(ONE, 3, None) == announcement(ONE, 3, None)


def test_pages_that_stay_as_they_are_cost_nothing() -> None:
    story = Story(ONE)
    told(story, ONE, 3)
    assert told(story, replace(ONE, hash="lib9"), 4) == []


def test_in_shadow_they_go_to_the_shadow_topic_and_live_all_are_written() -> None:
    shadow = lib(a_page("a"), mode=Mode.SHADOW)
    story = Story(shadow)
    told(story, shadow, 1)
    assert story.outputs[-1].mode is Mode.SHADOW
    assert told(story, lib(a_page("a"), name="live"), 2) == [("publish", "runbooks/a.md", 2, 0)]
    assert story.outputs[-1].mode is Mode.AUTO


def test_going_back_to_shadow_takes_nothing_away_that_is_live() -> None:
    story = Story(ONE)
    told(story, ONE, 1)
    assert told(story, lib(a_page("a"), name="dark", mode=Mode.SHADOW), 2) == [
        ("publish", "runbooks/a.md", 2, 0)
    ]
    assert told(story, lib(name="again"), 3) == [
        ("remove", "runbooks/a.md", 3, 1),
        ("remove", "runbooks/b.md", 2, 1),
    ]
    assert {each.mode for each in story.outputs[-2:]} == {Mode.AUTO}, "both are live"


def test_a_live_page_is_replaced_or_taken_away_once_it_is_live_again_whatever_went_to_shadow_meanwhile() -> (
    None
):
    dark = {"mode": Mode.SHADOW}
    story = Story(ONE)
    told(story, ONE, 1)
    told(story, lib(a_page("a", "2"), a_page("b", "2"), name="dark", **dark), 2)
    assert told(story, lib(a_page("a", "3"), name="darker", **dark), 3) == [
        ("publish", "runbooks/a.md", 3, 2),
        ("remove", "runbooks/b.md", 3, 2),
    ]
    assert {each.mode for each in story.outputs[-2:]} == {Mode.SHADOW}
    assert told(story, lib(a_page("a", "3"), name="live"), 4) == [
        ("publish", "runbooks/a.md", 4, 1),
        ("remove", "runbooks/b.md", 4, 1),
    ]
    assert {each.mode for each in story.outputs[-2:]} == {Mode.AUTO}
    assert told(story, lib(a_page("a", "3"), name="later"), 5) == []


def test_a_connectors_key_is_borne_and_what_failed_is_sent_with_the_next_library() -> None:
    story = Story(ONE)
    told(story, ONE, 1)
    first, second = story.outputs
    assert answers(story, first, external_key="W-7") == []
    assert answers(story, second, status="failed", reason="the wiki is down") == []
    assert told(story, replace(ONE, hash="lib5"), 2) == [("publish", "runbooks/b.md", 2, 1)]
    told(story, TWO, 3)
    assert story.outputs[-3].refs == {"document": "W-7"}


@pytest.mark.parametrize("kind", ["annotate", "pause"])
def test_what_is_asked_of_no_page_is_a_dead_letter(kind) -> None:
    story = Story(ONE)
    told(story, ONE, 1)
    outputs = answers(story, story.outputs[0].model_copy(update={"object_id": "nope"}), response=kind)
    assert [type(each) for each in outputs] == [DeadLetter]
