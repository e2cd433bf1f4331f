"""Follow-ups of pages: tickets when the incident closes, reminders until they are done."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.core.bounds import OWN_TASKS, TASKS
from app.core.record import dump
from app.model.commands import ChatCommand, TicketCommand
from app.model.desk import TicketSettings
from app.model.outputs import DeadLetter, IncidentEvent
from app.model.runbook import FollowUp
from app.model.words import Mode
from tests.core.estate import library, look, page
from tests.core.story import START, Story

DAY = 86_400
LEAK = FollowUp("Fix the leak", "service", timedelta(days=5))
SALES = FollowUp("Tell sales", "carol")


def over(*follow_ups: FollowUp, checklist=False, **rules) -> Story:
    """A story whose incident has closed."""
    steps = () if checklist else (look(),)
    story = Story(library(page(*steps, follow_ups=follow_ups), **rules))
    return again(story, 0)


def again(story: Story, at: float) -> Story:
    story.at(at).alert(severity="critical", starts=at)
    story.at(at + 10).resolves(severity="critical", starts=at)
    story.at(at + 610)
    assert not story.record.incidents
    return story


def of_tasks(story: Story) -> list[TicketCommand]:
    return story.put_out(TicketCommand, is_follow_up=True)


def test_each_becomes_a_ticket_with_owner_and_due_date():
    story = over(LEAK, SALES)
    assert [(each.op, each.title, each.owner, each.due) for each in of_tasks(story)] == [
        ("open", "Fix the leak", "shop", START + timedelta(days=5, seconds=10)),
        ("open", "Tell sales", "carol", None),
    ]
    assert {each.project for each in of_tasks(story)} == {"SHOP"}
    assert len({each.id for each in of_tasks(story)}) == 2, "a connector drops what has an id that it knows"
    assert len(story.put_out(IncidentEvent, type="FollowUpOpened")) == 2


def test_they_are_not_opened_before_the_incident_is_over_for_good():
    story = Story(library(page(look(), follow_ups=(LEAK,))))
    story.alert(severity="critical")
    story.at(10).resolves(severity="critical")
    story.at(100).alert(severity="critical", starts=90)
    assert of_tasks(story) == []


def test_a_checklist_has_follow_ups_too():
    assert len(of_tasks(over(LEAK, checklist=True))) == 1


def test_the_owner_is_reminded_until_the_ticket_is_closed():
    story = over(LEAK)
    (opened,) = of_tasks(story)
    story.at(5 * DAY)
    assert len(of_tasks(story)) == 1
    story.at(5 * DAY + 11)
    assert [each.op for each in of_tasks(story)] == ["open", "comment"]
    assert of_tasks(story)[-1].text == "Reminder 1: this was due on 2026-11-29. Owner: shop."
    (chat,) = story.put_out(ChatCommand, title="Fix the leak")
    assert (chat.op, chat.conversation) == ("post", "#shop")
    assert chat.text == "Follow-up due on 2026-11-29, owner shop: Fix the leak"
    story.at(7 * DAY + 11)
    assert [each.revision for each in of_tasks(story)] == [1, 2, 3, 4]
    assert [(each.op, each.revision) for each in story.put_out(ChatCommand, title="Fix the leak")] == [
        ("post", 1),
        ("reply", 2),
        ("reply", 3),
    ]
    closed(story, opened, "Done")
    assert not story.record.tasks
    assert not story.record.timers
    count = len(story.outputs)
    story.at(30 * DAY)
    assert len(story.outputs) == count


def closed(story: Story, ticket: TicketCommand, state: str, **fields):
    return story.responds(
        None, object_id=ticket.object_id, incident_id=ticket.incident_id, state=state, **fields
    )


def test_closed_twice_is_harmless():
    story = over(LEAK)
    (opened,) = of_tasks(story)
    closed(story, opened, "In Progress")
    assert story.record.tasks
    closed(story, opened, "closed")
    assert closed(story, opened, "closed", id="again") == []
    assert not story.put_out(DeadLetter)


def test_its_key_is_known_and_borne():
    story = over(LEAK)
    (opened,) = of_tasks(story)
    story.responds(None, object_id=opened.object_id, external_key="SHOP-9", external_url="https://t/9")
    story.at(6 * DAY)
    assert of_tasks(story)[-1].refs == {"ticket": "SHOP-9"}
    (chat, *_) = story.put_out(ChatCommand, title="Fix the leak")
    assert [each.url for each in chat.links] == ["https://t/9"]


def test_a_person_says_it_is_done():
    story = over(LEAK)
    story.at(6 * DAY)
    (button,) = story.put_out(ChatCommand, title="Fix the leak")[0].buttons
    story.asks("alice", button.response, object_id=button.object_id, incident_id="")
    assert not story.record.tasks
    last = of_tasks(story)[-1]
    assert (last.op, last.fields, last.text) == ("transition", {"status": "closed"}, "Done, says alice.")


def test_what_is_to_be_done_already_is_not_opened_again():
    story = over(LEAK)
    (opened,) = of_tasks(story)
    again(story, 2000)
    assert [each.op for each in of_tasks(story)] == ["open", "comment"]
    assert of_tasks(story)[-1].text.startswith("It happened again: Crash it is (")
    closed(story, opened, "Done")
    again(story, 4000)
    assert [each.op for each in of_tasks(story)] == ["open", "comment", "open"]


def test_an_answer_after_it_was_done_is_no_answer_about_its_incident():
    story = over(LEAK)
    (opened,) = of_tasks(story)
    story.asks("alice", "resolve", object_id=opened.object_id, incident_id="")
    done = of_tasks(story)[-1]
    assert closed(story, done, "Done", command_id=done.id, external_key="SHOP-9") == []
    assert not story.put_out(DeadLetter)


@pytest.mark.parametrize("days", [5.5, 30])
def test_done_twice_is_done_once(days):
    story = over(LEAK)
    (opened,) = of_tasks(story)
    story.at(days * DAY)
    pressed = {"object_id": opened.object_id, "incident_id": opened.incident_id}
    story.asks("alice", "resolve", **pressed)
    assert of_tasks(story)[-1].op == "transition"
    assert story.asks("bob", "resolve", **pressed) == []


def test_in_shadow_nothing_is_said_of_a_ticket_that_is_live():
    story = over(LEAK)
    story.publish(replace(library(page(look(), follow_ups=(LEAK,)), mode=Mode.SHADOW), hash="lib2"))
    again(story, 2000)
    assert [(each.op, each.mode) for each in of_tasks(story)] == [("open", Mode.AUTO), ("open", Mode.SHADOW)]


def test_in_shadow_nobody_is_reminded():
    story = over(LEAK, mode=Mode.SHADOW)
    assert len(of_tasks(story)) == 1
    assert not story.record.tasks
    assert not story.record.timers


def test_reminders_may_be_off():
    assert not over(LEAK, remind_every=timedelta()).record.timers


def test_reminders_may_be_switched_off_meanwhile():
    story = over(LEAK)
    off = library(page(look(), follow_ups=(LEAK,)), remind_every=timedelta())
    story.publish(replace(off, hash="lib2"))
    story.at(30 * DAY)
    assert len(of_tasks(story)) == 1
    assert not story.record.timers


def test_the_projects_closed_states_count():
    story = over(LEAK)
    plain = story.library
    teams = {**plain.teams, "shop": replace(plain.teams["shop"], ticket=TicketSettings(closed=("Fertig",)))}
    story.publish(replace(plain, hash="lib2", teams=teams))
    (opened,) = of_tasks(story)
    closed(story, opened, "Done")
    assert story.record.tasks
    closed(story, opened, "fertig", id="then")
    assert not story.record.tasks


@pytest.mark.parametrize("count", [OWN_TASKS, OWN_TASKS + 5])
def test_an_incident_leaves_few(count):
    story = over(*(FollowUp(f"Task {each}") for each in range(count)))
    assert len(of_tasks(story)) == OWN_TASKS


def test_a_domain_remembers_few():
    story = Story(library())
    for number in range(TASKS // OWN_TASKS + 2):
        tasks = [FollowUp(f"Task {number}/{each}", due=timedelta(days=9)) for each in range(OWN_TASKS)]
        story.publish(replace(library(page(look(), follow_ups=tuple(tasks))), hash=f"lib{number}"))
        again(story, number * 2000)
    assert len(story.record.tasks) == len(story.record.timers) == TASKS
    assert next(iter(story.record.tasks.values())).text == "Task 1/10"
    assert len(dump(story.record.model_copy(update={"shelf": {}}))) < 32 * 1024
