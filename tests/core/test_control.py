"""What crosses domains: permits and their limits, the breaker, the reach of an hour, pauses, and what a page has earned."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.core import control
from app.core.rehearsal import notice_signal
from app.model.catalog import Blast, Guards, Limit
from app.model.notices import Notice
from app.model.runbook import ForEach
from app.model.standings import Standing
from app.model.words import Mode, NoticeKind, Phase
from tests.core.estate import Says, library, look, mend, page, seconds, words
from tests.core.story import Story


def estate(*pages, limits: dict[str, Limit] | None = None, **fields) -> Story:
    guards = Guards(commands=limits or {}, **fields)
    return Story(library(*(pages or [page(mend())]), guards=guards))


def notices(story: Story, kind: NoticeKind) -> list[Notice]:
    return [each for each in story.put_out(Notice) if each.kind is kind]


def standing(story: Story, of: str) -> Standing:
    return story.put_out(Standing, id=of)[-1]


@pytest.mark.parametrize(
    ("step", "mode", "asks"),
    [
        (mend(), Mode.AUTO, True),
        (mend(action="k.scale"), Mode.AUTO, True),
        (mend(action="k.describe"), Mode.AUTO, False),
        (mend(dry_run=True), Mode.AUTO, False),
        (mend(), Mode.SHADOW, False),
        (mend(), Mode.SUGGEST, False),
    ],
)
def test_which_steps_ask_for_a_permit(step, mode, asks) -> None:
    story = Story(library(page(step), mode=mode))
    story.alert()
    assert bool(notices(story, NoticeKind.PERMIT_ASKED)) is asks


def test_a_permit_is_given_back_when_the_attempt_is_over_and_the_slot_when_the_run_is() -> None:
    story = estate(page(mend(), look(id="after", phase=Phase.VERIFICATION)))
    story.alert()
    (permit,) = story.control.permits.values()
    assert permit.granted_at == story.now
    assert list(story.control.runs) == [story.execution.id]
    story.answer("mend")
    assert story.control.permits == {}
    assert list(story.control.runs) == [story.execution.id]
    story.answer("after")
    assert story.control.runs == {}
    assert story.world.record("control").timers == {}


EACH = [
    (Limit(service=1), "stock", "run"),
    (Limit(service=1), "cart", "queue"),
    (Limit(team=1), "stock", "queue"),
    (Limit(team=1), "lake", "run"),
    (Limit(overall=1), "lake", "queue"),
    (Limit(overall=2), "lake", "run"),
    (Limit(), "cart", "run"),
]


@pytest.mark.parametrize(("limit", "service", "comes"), EACH)
@pytest.mark.parametrize("name", ["k.undo", "*"])
def test_how_many_commands_of_an_action_at_once(limit, service, comes, name) -> None:
    both = ForEach(Says("[1, 2]", lambda _: [1, 2]), concurrency=2)
    if service == "cart":
        first = second = estate(page(mend(foreach=both)), limits={name: limit})
        first.alert()
    else:
        first = estate(limits={name: limit})
        first.alert()
        second = first.beside(service)
        second.alert()
    last = "mend[1]" if service == "cart" else "mend"
    assert bool(second.sent(last)) is (comes == "run")
    assert (second.run_of(last).gate == "permit") is (comes == "queue")
    first.answer("mend[0]" if service == "cart" else "mend")
    assert second.sent(last) == [("run", last, 1)], "the slot that is free again goes to who waits"


@pytest.mark.parametrize(("limit", "service", "comes"), [each for each in EACH if each[1] != "cart"])
def test_how_many_executions_act_at_once(limit, service, comes) -> None:
    first = estate(page(mend(), look(id="after", phase=Phase.VERIFICATION)), executions=limit)
    first.alert()
    second = first.beside(service)
    second.alert()
    assert bool(second.sent()) is (comes == "run")
    first.answer("mend")
    assert bool(second.sent()) is (comes == "run"), "the first still holds its slot"
    first.answer("after")
    assert second.sent() == [("run", "mend", 1)]


def test_what_waits_is_served_in_the_order_it_came() -> None:
    first = estate(limits={"k.undo": Limit(overall=1)})
    stories = [first, first.beside("stock"), first.beside("lake"), first.beside("other")]
    for second, story in enumerate(stories):
        story.at(second).alert()
    for place, story in enumerate(stories):
        assert [bool(each.sent()) for each in stories] == [at <= place for at in range(4)]
        story.at(10 + place).answer("mend")
    assert first.control.permits == {}


def test_a_newer_library_with_more_room_serves_who_waited_first() -> None:
    first = estate(limits={"k.undo": Limit(overall=1)})
    waiting, newcomer = first.beside("stock"), first.beside("lake")
    first.alert()
    waiting.alert()
    roomy = library(page(mend()), hash_="lib2", guards=Guards(commands={"k.undo": Limit(overall=2)}))
    first.publish(roomy)
    newcomer.alert()
    assert waiting.sent() == [("run", "mend", 1)]
    assert newcomer.sent() == []


def test_one_who_cannot_be_served_yet_holds_up_nobody_who_can() -> None:
    both = ForEach(Says("[1, 2]", lambda _: [1, 2]), concurrency=2)
    first = estate(page(mend(foreach=both)), limits={"k.undo": Limit(service=1, overall=2)})
    second = first.beside("stock")
    first.alert()
    second.alert()
    second.answer("mend[0]")
    assert first.sent("mend[1]") == []
    assert second.sent("mend[1]") == [("run", "mend[1]", 1)]


def test_who_waits_no_more_leaves_the_queue() -> None:
    first = estate(limits={"k.undo": Limit(overall=1)})
    second = first.beside("stock")
    first.alert()
    second.alert()
    second.resolves()
    assert len(first.control.permits) == 1
    first.answer("mend")
    assert second.sent() == []


def test_a_permit_that_is_granted_too_late_is_given_back() -> None:
    story = estate()
    story.alert()
    granted = notices(story, NoticeKind.PERMIT_GRANTED)[0]
    story.answer("mend")
    late = granted.model_copy(update={"id": "late", "permit_id": "another"})
    story.apply(notice_signal(late))
    assert notices(story, NoticeKind.PERMIT_RETURNED)[-1].permit_id == "another"


def test_a_permit_that_is_never_given_back_ends_by_itself() -> None:
    first = estate(page(mend(), budget=seconds(3600)), limits={"k.undo": Limit(overall=1)})
    second = first.beside("stock")
    first.alert()
    del first.world.records[first.domain]  # its domain's messages were lost
    second.alert()
    first.at(60 + 599)
    assert second.sent() == []
    first.at(60 + 600)
    assert second.sent() == [("run", "mend", 1)]


def test_too_many_that_wait_are_persons_to_do(monkeypatch) -> None:
    monkeypatch.setattr(control, "PERMITS", 2)
    first = estate(limits={"k.undo": Limit(overall=1)})
    stories = [first, first.beside("stock"), first.beside("lake")]
    for story in stories:
        story.alert()
    assert stories[2].state("mend") == ("running", "queue_full")
    assert len(first.control.permits) == 2


# The reach of an hour


def test_targets_of_an_hour_and_when_they_are_forgotten() -> None:
    nodes = words("nodes", lambda names: [view["labels"]["pod"] for view in names["incident"]["alerts"]])
    story = estate(
        page(mend(action="k.cordon", params={"nodes": nodes})),
        blast={"k.cordon": Blast(per_hour=2)},
    )
    others = [story.beside(name) for name in ("stock", "lake", "other")]
    story.at(59).alert()
    others[0].at(60).alert()
    others[1].at(61).alert()
    assert others[1].state("mend") == ("running", "blast_radius")
    others[2].at(3659).alert()
    assert others[2].state("mend") == ("running", "blast_radius"), "an hour, and not a minute less"
    story.at(3661).resolves()
    again = story.beside("yet-another")
    again.at(3725).alert()
    assert again.sent() == [("run", "mend", 1)]


def test_a_permit_that_is_asked_for_until_the_end_of_time_is_granted_in_its_turn_all_the_same() -> None:
    """One that waited could not be granted, and nothing that came to `control` could be decided any more."""
    story = estate(executions=Limit(overall=1))
    for number, expires_at in enumerate((story.now + seconds(60), datetime(9999, 12, 31, tzinfo=UTC))):
        asked = Notice(
            id=f"n{number}",
            kind=NoticeKind.PERMIT_ASKED,
            domain="control",
            sender=story.domain,
            permit_id=f"p{number}",
            execution_id=f"e{number}",
            expires_at=expires_at,
        )
        story.world.apply("control", notice_signal(asked))
    story.at(2 * 24 * 3600)
    ended = asked.model_copy(update={"id": "n2", "kind": NoticeKind.RUN_ENDED, "execution_id": "e0"})
    story.world.apply("control", notice_signal(ended))
    assert [each.permit_id for each in notices(story, NoticeKind.PERMIT_GRANTED)] == ["p0", "p1"]
