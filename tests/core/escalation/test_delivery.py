"""Pages that do not arrive: the next way to the person, the next level; and the ways in their order."""

from dataclasses import replace

import pytest

from app.model.catalog import Contact
from app.model.commands import EscalationCommand
from app.model.inputs import TimerFired
from app.model.outputs import IncidentEvent
from app.model.policy import Policy
from app.model.words import AnswerStatus, Delivery, EscalationStatus, Mode, Urgency
from tests.core.escalation.estate import level, rung, stopped, told, with_policies
from tests.core.estate import seconds
from tests.core.story import Story, vouched

PUSH, CALL, SMS = (
    Contact("push", "push/alice"),
    Contact("call", "call/alice", seconds(180)),
    Contact("sms", "sms/alice", seconds(60)),
)
LEVELS = (level("user:alice"), level("user:bob"))


def estate(*contact, levels=LEVELS, within=30, **rules):
    """Two levels; alice is reached by these ways."""
    known = with_policies(Policy("shop", levels=tuple(levels)), receipt_within=seconds(within), **rules)
    alice = replace(known.people["alice"], contact=tuple(contact))
    return replace(known, people={**known.people, "alice": alice})


def ways(story):
    """All that rang: whom, how, and at which second."""
    begin = story.world.log[0][2]
    return [
        (each.person_id or each.target, each.channel, (each.issued_at - begin).total_seconds())
        for each in story.put_out(EscalationCommand, op="notify")
    ]


def pager(story, status="accepted", number=-1, **fields):
    """The pager's connector answers one of the pages that went out, by default the newest."""
    page = story.put_out(EscalationCommand, op="notify")[number]
    return story.responds(
        None,
        **{
            "command_id": page.id,
            "object_id": page.object_id,
            "incident_id": "",
            "status": AnswerStatus(status),
            **fields,
        },
    )


def begun(*contact, **fields):
    story = Story(estate(*contact, **fields))
    story.alert("Other", severity="critical")
    return story


def undelivered(story):
    return [(each.reason, each.text) for each in story.put_out(IncidentEvent, type="PageUndelivered")]


def test_the_pager_is_dead_and_the_person_is_reached_by_another_channel_within_two_minutes():
    story = begun(PUSH, CALL)
    story.at(30)
    assert ways(story) == [("alice", "push", 0), ("alice", "call", 30)]
    pager(story, "accepted")
    story.at(100).asks("alice", "acknowledge")
    assert undelivered(story) == [
        (
            "no_receipt",
            "the page to user:alice by push was not delivered (its connector did not accept it within 30s)",
        )
    ]
    assert story.put_out(EscalationCommand, op="notify")[0].contact_ref == "push/alice"
    assert sorted(each.channel for each in story.put_out(EscalationCommand, op="stop")) == ["call", "push"]
    assert not story.record.timers
    story.at(5000)
    assert len(ways(story)) == 2


def test_an_accepted_page_waits_for_the_turn_of_the_next_way():
    story = begun(PUSH, CALL, SMS)
    story.at(2)
    pager(story)
    story.at(500)
    assert ways(story)[:3] == [("alice", "push", 0), ("alice", "sms", 60), ("alice", "call", 90)]
    story = begun(PUSH, CALL, SMS)
    for second in (2, 62, 182):
        story.at(second)
        pager(story)
    story.at(299)
    assert ways(story) == [("alice", "push", 0), ("alice", "sms", 60), ("alice", "call", 180)]
    assert not undelivered(story)
    assert told(story, "ContactTried") == [("ContactTried", "not_acknowledged")] * 2
    story.at(300)
    assert ways(story)[-1][:1] == ("bob",)


@pytest.mark.parametrize("status", ["failed", "refused", "expired", "unknown"])
def test_bad_news_moves_on_at_once(status):
    story = begun(PUSH, CALL)
    story.at(3)
    pager(story, status, reason="the provider is down")
    assert ways(story) == [("alice", "push", 0), ("alice", "call", 3)]
    pager(story, status, number=0)
    assert len(ways(story)) == 2, "said twice"
    pager(story, status)
    assert ways(story)[-1] == ("bob", "", 3)
    assert [reason for reason, _ in undelivered(story)] == ["undelivered"] * 2
    assert "by push was not delivered (the provider is down)" in undelivered(story)[0][1]


def test_one_of_a_level_that_rings_is_enough():
    story = begun(levels=(level("user:alice", "user:carol"), level("user:bob")))
    pager(story, "accepted", number=0)
    story.at(40)
    assert [each[0] for each in ways(story)] == ["alice", "carol"]
    story.at(50)
    pager(story, "failed", number=0)
    assert [each[0] for each in ways(story)] == ["alice", "carol", "bob"]


def test_what_is_not_confirmed_may_still_arrive_and_be_acknowledged():
    story = begun()
    story.at(31)
    assert [each[0] for each in ways(story)] == ["alice", "bob"]
    (alice, bob) = story.incident.escalations
    assert (alice.status, alice.delivery) == (EscalationStatus.NOTIFIED, Delivery.UNCONFIRMED)
    pager(story, "accepted", number=0)
    assert story.incident.escalations[0].delivery is Delivery.ACCEPTED
    story.asks("alice", "acknowledge")
    assert sorted(stopped(story)) == ["alice", "bob"]
    assert bob.delivery is Delivery.NONE


@pytest.mark.parametrize(
    ("said", "known"),
    [
        (["accepted"], Delivery.ACCEPTED),
        (["accepted", "running"], Delivery.SENT),
        (["running", "accepted"], Delivery.SENT),
        (["succeeded", "running"], Delivery.DELIVERED),
    ],
)
def test_what_is_known_of_a_page_only_grows(said, known):
    story = begun()
    for each in said:
        pager(story, each)
    assert story.incident.escalations[0].delivery is known
    story.at(200)
    assert len(ways(story)) == 1


def test_estates_whose_pager_says_nothing_turn_it_off():
    story = begun(PUSH, CALL, within=0)
    story.at(299)
    assert ways(story) == [("alice", "push", 0), ("alice", "call", 180)]
    assert not undelivered(story)
    assert story.put_out(EscalationCommand)[0].receipt_by is None


def test_the_page_says_until_when_its_receipt_is_due():
    story = begun()
    (page,) = story.put_out(EscalationCommand)
    assert page.receipt_by == page.issued_at + seconds(30)


def test_a_low_urgency_uses_the_ways_that_are_for_it():
    story = Story(estate(replace(PUSH, urgency=Urgency.HIGH), SMS, low_urgency_waits=False))
    story.alert("Other", severity="warning")
    assert ways(story) == [("alice", "sms", 0)], "the first that is for it rings at once"
    story = begun(replace(SMS, urgency=Urgency.LOW))
    assert ways(story) == [("alice", "sms", 0)], "none is for it, and a page is never withheld"


def test_in_shadow_nothing_follows():
    story = Story(estate(PUSH, CALL, mode=Mode.SHADOW))
    story.alert("Other", severity="critical")
    story.at(5000)
    assert [each[:2] for each in ways(story)] == [("alice", "push")]


def test_a_page_anew_ends_what_was_still_to_come_of_the_one_before():
    story = begun(PUSH, CALL, levels=(level("user:alice", ack=60), level("user:alice", ack=600)))
    pager(story)
    story.at(60)
    pager(story)
    story.at(239)
    assert ways(story) == [("alice", "push", 0), ("alice", "push", 60)]
    story.at(240)
    assert ways(story)[-1] == ("alice", "call", 240)


def test_becoming_worse_asks_for_a_receipt_anew():
    story = Story(estate(low_urgency_waits=False))
    story.alert("Other", severity="warning")
    pager(story)
    story.at(100).alert("Other", severity="critical", pod="cart-2")
    assert [each.delivery for each in story.incident.escalations] == [Delivery.NONE]
    story.at(130)
    assert [each[0] for each in rung(story)] == ["alice", "alice", "bob"]


def test_becoming_worse_adds_the_ways_that_are_for_high_urgency():
    story = Story(estate(PUSH, replace(CALL, urgency=Urgency.HIGH), within=0, low_urgency_waits=False))
    story.alert("Other", severity="warning")
    story.at(100).alert("Other", severity="critical", pod="cart-2")
    story.at(399)
    assert ways(story) == [("alice", "push", 0), ("alice", "push", 100), ("alice", "call", 280)]


def test_every_page_has_an_id_of_its_own_and_timers_that_come_again_change_nothing():
    story = begun(PUSH, SMS, CALL)
    timers = [
        TimerFired(id=each.id, due=each.due, kind=each.kind)
        for each in story.record.timers.values()
        if each.id.startswith("contact/")
    ]
    assert len(timers) == 2
    story.at(400)
    before = len(story.outputs)
    for each in timers:
        story.fire_timer(each)
    assert len(story.outputs) == before
    pages = story.put_out(EscalationCommand, op="notify")
    assert len({each.id for each in pages}) == len({each.object_id for each in pages}) == len(pages)


def test_a_person_without_contact_and_one_whom_nobody_knows():
    story = Story(estate())
    nobody = replace(story.library.people["alice"], contact_ref="")
    story.publish(replace(story.library, people={**story.library.people, "alice": nobody}))
    story.alert("Other", severity="critical")
    (page,) = story.put_out(EscalationCommand)
    assert (page.person_id, page.contact_ref, page.channel) == ("alice", "", "")
    story.responds("acknowledge", actor=vouched("mallory"))
    assert stopped(story) == ["alice"], "somebody is on it, whoever that is"


def test_a_receipt_for_what_nobody_knows_becomes_a_dead_letter():
    story = begun()
    (letter, *_) = story.responds(None, object_id="nothing", incident_id="", status=AnswerStatus.ACCEPTED)
    assert letter.reason == "unknown_command"


def test_a_way_for_high_urgency_that_is_the_first_rings_at_once_when_it_becomes_worse():
    chat, call = replace(SMS, channel="chat", urgency=Urgency.LOW), replace(CALL, urgency=Urgency.HIGH)
    text = Contact("sms", "sms/alice", seconds(240), Urgency.HIGH)
    story = Story(estate(chat, call, text, within=0, low_urgency_waits=False))
    story.alert("Other", severity="warning")
    story.at(100).alert("Other", severity="critical", pod="cart-2")
    story.at(300)
    assert ways(story)[2:] == [("alice", "call", 100), ("alice", "sms", 160)]


def test_what_is_said_of_an_earlier_revision_is_none_of_the_newer():
    story = Story(estate(low_urgency_waits=False))
    story.alert("Other", severity="warning")
    pager(story)
    story.at(100).alert("Other", severity="critical", pod="cart-2")
    pager(story, "succeeded", number=0)
    assert story.incident.escalations[0].delivery is Delivery.NONE
    pager(story, "failed", number=0)
    assert story.incident.escalations[0].status is EscalationStatus.NOTIFIED
    story.at(130)
    assert [each[0] for each in rung(story)] == ["alice", "alice", "bob"]


def test_a_page_that_rings_anew_and_is_lost_again_moves_on_again():
    levels = (level("user:alice", "user:carol", ack=600), level("user:bob"))
    story = Story(estate(levels=levels, low_urgency_waits=False))
    story.alert("Other", severity="warning")
    story.at(10)
    pager(story, number=1)
    story.at(50).alert("Other", severity="critical", pod="cart-2")
    story.at(60)
    pager(story, "failed", number=3)
    story.at(79)
    assert [each[0] for each in ways(story)] == ["alice", "carol"] * 2
    story.at(80)
    assert ways(story)[-1][0] == "bob"
    assert [reason for reason, _ in undelivered(story)] == ["no_receipt", "undelivered", "no_receipt"]


def test_in_shadow_nothing_follows_when_it_becomes_worse():
    call = replace(CALL, urgency=Urgency.HIGH)
    story = Story(estate(PUSH, call, mode=Mode.SHADOW, low_urgency_waits=False))
    story.alert("Other", severity="warning")
    story.at(10).alert("Other", severity="critical", pod="cart-2")
    story.at(5000)
    assert {each[1] for each in ways(story)} == {"push"}


def test_who_acknowledged_is_paged_when_it_becomes_worse_though_somebody_who_was_called_in_rings():
    story = Story(estate(low_urgency_waits=False, within=0))
    story.alert("Other", severity="warning")
    story.at(10).asks("alice", "acknowledge")
    story.at(20).asks("alice", "add_responder", target="dave")
    story.at(30).alert("Other", severity="critical", pod="cart-2")
    assert [each[::2] for each in ways(story)] == [("alice", 0), ("dave", 20), ("dave", 30), ("alice", 30)]
    story.at(330)
    assert ways(story)[-1][0] == "bob"


@pytest.mark.parametrize("arrives", [True, False])
def test_a_page_that_rings_anew_is_undelivered_anew_or_not(arrives):
    story = Story(estate(PUSH, levels=(*LEVELS, level("user:carol"))))
    story.alert("Other")
    pager(story)
    pager(story, "unknown")
    pager(story, number=-1)  # bob's
    story.at(60).alert("Other", severity="critical", starts=60, pod="cart-2")
    alice, bob = story.put_out(EscalationCommand, op="notify")[-2:]
    assert (alice.person_id, bob.person_id) == ("alice", "bob")
    if arrives:
        pager(story, number=-2)
        pager(story, number=-1)
    story.at(95)
    undelivered = [each.person_id for each in story.incident.escalations if each.undelivered_at is not None]
    assert undelivered == ([] if arrives else ["alice", "bob"])
    assert len(told(story, "PageUndelivered")) == (1 if arrives else 3)
    assert (ways(story)[-1][0] == "carol") is not arrives
