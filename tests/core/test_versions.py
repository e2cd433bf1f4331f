"""An execution keeps to the library it began with, whatever is in force by then."""

from __future__ import annotations

import pytest

from app.core.decide import decide_batch
from app.core.record import empty, libraries_needed
from app.model.commands import DocumentCommand, StepCommand
from app.model.notices import Notice
from app.model.runbook import Approval
from app.model.signals import SignalBatch
from app.model.words import NoticeKind
from tests.core.estate import library, look, mend, page, quiet, used
from tests.core.story import DOMAIN, Story

CALL = mend(id="call", action="", uses="inner")
OLD = library(page(look(), CALL), used(mend(action="k.undo")))
NEW = library(page(look(id="other"), hash="h2"), used(mend(action="k.redo"), hash="h-inner-2"), hash_="lib2")


def begun() -> Story:
    story = Story(OLD)
    story.alert()
    story.publish(NEW)
    return story


def test_pages_that_are_used_and_their_permits_are_of_the_old_library() -> None:
    story = begun()
    story.answer("look")
    (command,) = story.put_out(StepCommand, step="mend")
    assert (command.action, command.runbook_hash) == ("k.undo", "h-inner")
    (asked,) = [each for each in story.put_out(Notice) if each.kind is NoticeKind.PERMIT_ASKED]
    assert asked.action == "k.undo"
    story.answer("mend")
    assert story.execution.status == "succeeded"


def test_the_next_execution_is_of_the_new_one() -> None:
    story = begun()
    beside = story.beside("stock")
    beside.alert()
    assert [each.runbook_hash for each in beside.put_out(StepCommand)] == ["h2"]
    story.answer("look")
    assert story.sent("mend") == [("run", "mend", 1)], "and the old one ends by its own"


def test_a_page_that_is_gone_from_the_new_library_still_ends() -> None:
    story = Story(OLD)
    story.alert()
    story.publish(library(hash_="lib2"))
    story.answer("look")
    story.answer("mend")
    assert story.execution.status == "succeeded"


def test_a_run_that_a_person_asks_for_is_of_the_library_in_force() -> None:
    story = begun()
    story.asks("bob", "run", runbook_id="inner")
    assert story.execution.runbook_hash == "h-inner-2"


def test_who_may_approve_is_what_the_library_in_force_says() -> None:
    story = Story(library(page(mend(approval=Approval(("data",))))))
    story.alert()
    story.approves("alice")
    assert story.told("ApprovalRefused") == ["no_right"]
    newer = library(page(hash="h2"), hash_="lib2")
    teams = {**newer.teams, "data": newer.teams["shop"]}
    story.publish(newer.__class__(**{**newer.__dict__, "teams": teams}))
    story.approves("alice")
    assert story.sent() == [("run", "mend", 1)]


@pytest.mark.parametrize("end", ["answer", "cancel", "resolve"])
def test_the_library_of_an_execution_that_is_over_is_needed_as_long_as_its_incident_is_held(end) -> None:
    story = begun()
    if end == "answer":
        story.answer("look", "failed")
    else:
        story.asks("bob", end)
    batch = SignalBatch(domain=DOMAIN, library="lib2", signals=[])
    assert libraries_needed(story.record, batch) == ["lib2", "lib1"]
    story.asks("bob", "resolve")
    story.at(1000)
    assert not story.record.incidents
    assert libraries_needed(story.record, batch) == ["lib2", "lib1"], "its review may still be written again"
    story.at(8 * 86_400).deploys()
    assert libraries_needed(story.record, batch) == ["lib2"]


def test_what_is_named_as_needed_is_enough_for_every_decision() -> None:
    story = Story(library(page(mend(approval=Approval()), quiet(), mode=None)))
    story.alert()
    story.approves("alice")
    story.answer("mend", "unknown")
    story.publish(NEW)
    story.approves("bob")  # of a step that is over
    story.answer("mend", "succeeded")  # late
    story.asks("bob", "retry", step="quiet")
    story.asks("bob", "resolve")
    story.at(900)
    records = {}
    for batch, offset, at in story.world.log:
        record = records.get(batch.domain, empty(batch.domain))
        needed = {name: story.libraries[name] for name in libraries_needed(record, batch)}
        records[batch.domain] = decide_batch(record, batch, offset, at, needed).record
    assert records == story.world.records
    assert "- **Status**: closed" in story.put_out(DocumentCommand)[-1].body
