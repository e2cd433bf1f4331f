"""What is said of an incident, where, and how often."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.core.announce import say_escalated, say_merged
from app.core.bounds import DIGEST
from app.core.digests import BURST
from app.core.draft import Draft
from app.model.catalog import Service
from app.model.commands import ChatCommand
from app.model.desk import Apart
from app.model.inputs import TimerFired
from app.model.words import TimerKind
from tests.core.estate import library, seconds
from tests.core.story import START, Story, alert_signal


def many(story: Story, count: int, at: float = 0) -> None:
    """So many things that chat is told of within one message."""
    for number in range(count):
        story.at(at + number / 1000)
        story.responds(
            None,
            object_id=story.incident.ticket_id,
            state=f"State {number}",
            id=f"moved-{at}-{number}",
        )


def replies(story: Story) -> list[str]:
    return [each.text for each in story.put_out(ChatCommand, op="reply")][1:]  # the first: who was paged


def critical(**rules) -> Story:
    story = Story(library(**rules))
    story.alert(severity="critical")
    return story


def test_the_card_is_pinned_and_replies_are_not():
    story = critical()
    story.responds("acknowledge")
    assert [(each.op, each.pin) for each in story.put_out(ChatCommand)] == [
        ("post", True),
        ("reply", False),
        ("reply", False),
        ("update", True),
    ]


SUMMARY = "Disk full\nteam: nobody\n@channel <!here> mail@all.example @herein"


def test_words_of_an_alert_are_one_line_and_call_nobody():
    plain = alert_signal(severity="critical")
    alert = plain.body.alert.model_copy(update={"annotations": {"summary": SUMMARY}})
    story = Story(library())
    story.happens(plain.body.model_copy(update={"alert": alert}), plain.identity)
    shown = "Disk full team: nobody @\u200bchannel <\u200b!here> mail@all.example @herein"
    assert story.incident.title == " ".join(SUMMARY.split())
    (card,) = story.put_out(ChatCommand, op="post")
    assert card.title == shown
    assert card.blocks[0].text == f"[triggered] {shown}"
    assert card.blocks[1].text.splitlines()[:2] == [shown, "severity: critical"]
    assert [each for each in card.text.splitlines() if each.startswith("team:")] == ["team: shop"]


@pytest.mark.parametrize("deed", ["stale", "assigned", "snoozed"])
def test_the_card_may_be_acknowledged_again_once_an_acknowledgement_counts_no_more(deed):
    story = critical(ack_stale_after=timedelta(minutes=30))
    story.asks("alice", "acknowledge")
    assert [each.id for each in story.put_out(ChatCommand, op="update")[-1].buttons] == ["resolve"]
    if deed == "assigned":
        story.asks("alice", "assign", target="bob")
    elif deed == "snoozed":
        story.asks("alice", "snooze", seconds=60)
    story.at(2000 if deed != "assigned" else 1)
    card = story.put_out(ChatCommand, op="update")[-1]
    assert [each.id for each in card.buttons] == ["acknowledge", "resolve"]
    assert card.blocks[0].text == "[triggered] Crash it is"


def test_a_few_things_are_said_at_once_and_the_others_together():
    story = critical()
    many(story, 12)
    at_once = BURST["chat"] - 1  # one was said of the page
    assert replies(story) == [f"bob moved the ticket to State {each}." for each in range(at_once)]
    assert len([each for each in story.record.timers if each.startswith("digest/")]) == 1
    story.at(31)
    *_, digest = replies(story)
    assert digest.splitlines()[0] == "8 changes:"
    assert digest.splitlines()[1] == f"- bob moved the ticket to State {at_once}."
    assert story.put_out(ChatCommand)[-1].op == "update", "the card is brought up to date with it"
    assert not [each for each in story.record.timers if each.startswith("digest/")]


def test_while_it_goes_on_there_is_one_message_a_window():
    story = critical()
    for minute in range(4):
        many(story, 30, at=60 * minute / 2)
    story.at(200)
    assert len(replies(story)) == BURST["chat"] - 1 + 4
    assert replies(story)[-1].startswith(f"30 changes, the newest {DIGEST}:")
    story.at(300)
    many(story, 2, at=300)
    assert replies(story)[-1] == "bob moved the ticket to State 1.", "after a quiet time at once again"


def test_one_thing_that_waited_is_said_as_it_is():
    story = critical()
    many(story, BURST["chat"])
    story.at(31)
    assert replies(story)[-1] == f"bob moved the ticket to State {BURST['chat'] - 1}."


def test_nothing_waits_beyond_the_end():
    story = critical()
    many(story, 8)
    story.at(1).resolves(severity="critical")
    assert replies(story)[-1].startswith("4 changes:")
    story.at(2000)
    assert not story.record.timers
    assert not story.record.incidents


def test_a_timer_that_comes_again_says_nothing_again():
    story = critical()
    many(story, 8)
    (timer,) = [each for each in story.record.timers.values() if each.id.startswith("digest/")]
    story.at(40)
    count = len(story.outputs)
    story.fire_timer(TimerFired(id=timer.id, due=timer.due, kind=TimerKind.WAIT_HELD))
    assert len(story.outputs) == count


def test_without_a_window_all_is_said_at_once():
    story = critical(chat_window=timedelta())
    many(story, 12)
    assert len(replies(story)) == 12


@pytest.mark.parametrize(
    ("service", "team", "own"),
    [
        (None, None, False),
        (None, Apart.CHANNEL, True),
        (Apart.CHANNEL, None, True),
        (Apart.THREAD, Apart.CHANNEL, False),
        (Apart.CHANNEL, Apart.THREAD, True),
    ],
)
def test_a_thread_or_a_channel_of_its_own(service, team, own):
    plain = library()
    services = {**plain.services, "cart": replace(plain.services["cart"], apart=service)}
    teams = {**plain.teams, "shop": replace(plain.teams["shop"], apart=team)}
    story = Story(replace(plain, services=services, teams=teams))
    story.alert(severity="critical")
    name = f"inc-20261124-{story.incident.id[:8]}" if own else ""
    assert {(each.conversation, each.own_channel) for each in story.put_out(ChatCommand)} == {("#shop", name)}


def test_the_services_channel_goes_before_the_teams():
    plain = library()
    cart = Service("cart", team="shop", system="shop", chat="#cart")
    story = Story(replace(plain, services={**plain.services, "cart": cart}))
    story.alert()
    assert {each.conversation for each in story.put_out(ChatCommand)} == {"#cart"}


def test_a_merged_incident_says_first_what_waited():
    story = Story(library())
    story.alert("Crash", severity="critical", pod="a")
    incident_id = story.incident.id
    draft = Draft(
        domain="production/shop",
        at=START,
        libraries={},
        library=story.library,
        mode=None,
        incidents=dict(story.record.incidents),
        changes=[],
        timers={},
        cause="x",
    )
    for number in range(9):
        say_escalated(draft, incident_id, f"user:{number}", "why")
    assert len(draft.outputs) == BURST["chat"] - 1
    assert [each.due for each in draft.timers.values()] == [START + seconds(30)]
    say_merged(draft, incident_id, draft.incidents[incident_id])
    digest, card = [each for each in draft.outputs if isinstance(each, ChatCommand)][-2:]
    assert (digest.op, digest.text.splitlines()[0], card.op) == ("reply", "5 changes:", "update")
    assert not draft.timers
