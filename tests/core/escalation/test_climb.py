"""An incident climbs its policy until somebody acknowledges."""

from dataclasses import replace
from datetime import timedelta

from app.model.commands import ChatCommand, EscalationCommand
from app.model.inputs import TimerFired
from app.model.outputs import IncidentEvent
from app.model.policy import Policy
from app.model.words import LadderStatus, Mode
from tests.core.escalation.estate import level, rung, shop, stopped, told, with_policies
from tests.core.estate import Says, look, page, seconds
from tests.core.story import Story, vouched

TWO = (level("user:alice"), level("user:bob", delay=60))


def test_level_two_follows_when_level_one_is_silent_and_one_acknowledgement_stops_both():
    story = Story(shop(*TWO))
    story.alert("Other", severity="critical")
    story.at(359)
    assert [each[0] for each in rung(story)] == ["alice"]
    story.at(360)
    assert rung(story) == [("alice", 1, 1, 0.0), ("bob", 2, 1, 360.0)]
    assert told(story, "Escalated", "EscalatedFurther") == [
        ("Escalated", "no_runbook"),
        ("EscalatedFurther", "not_acknowledged"),
    ]
    story.at(400).asks("bob", "acknowledge")
    assert sorted(stopped(story)) == ["alice", "bob"]
    story.at(5000)
    assert len(rung(story)) == 2
    assert not story.record.timers


def test_an_acknowledgement_during_the_delay_leaves_level_two_alone():
    story = Story(shop(*TWO))
    story.alert("Other", severity="critical")
    story.at(330).asks("alice", "acknowledge")
    story.at(5000)
    assert [each[0] for each in rung(story)] == ["alice"]


def test_a_first_level_may_wait_and_says_so():
    story = Story(shop(level("user:alice", delay=120)))
    story.alert("Other", severity="critical")
    assert told(story, "EscalationScheduled", "Escalated") == [("EscalationScheduled", "delay")]
    story.at(120)
    assert rung(story) == [("alice", 1, 1, 120.0)]
    assert story.told("Escalated") == ["no_runbook"]


def test_what_is_told_of_the_next_level():
    story = Story(
        with_policies(
            Policy("shop", levels=TWO, exhausted="last"), Policy("last", levels=(level("user:carol"),))
        )
    )
    story.alert("Other", severity="critical")
    story.at(360)
    assert [each.next for each in story.put_out(EscalationCommand, op="notify")] == [
        "user:bob",
        "policy:last",
    ]


def test_it_repeats_with_pages_of_their_own_and_then_takes_the_last_resort():
    policies = (
        Policy("shop", levels=(level("user:alice"),), repeat=1, exhausted="last"),
        Policy("last", levels=(level("user:carol"),)),
    )
    story = Story(with_policies(*policies))
    story.alert("Other", severity="critical")
    story.at(5000)
    assert rung(story) == [("alice", 1, 1, 0.0), ("alice", 1, 2, 300.0), ("carol", 1, 1, 600.0)]
    pages = story.put_out(EscalationCommand, op="notify")
    assert len({each.object_id for each in pages}) == len({each.id for each in pages}) == 3
    assert stopped(story) == ["alice"], "the page of the first round gives way to that of the second"
    exhausted = story.put_out(IncidentEvent, type="EscalationExhausted")
    assert [(each.data["policy"], each.data["last_resort"]) for each in exhausted] == [
        ("shop", "last"),
        ("last", ""),
    ]
    assert story.incident.ladders[0].status is LadderStatus.EXHAUSTED


def test_after_all_were_paged_in_vain_a_new_reason_begins_anew():
    story = Story(shop(level("user:alice")))
    story.alert("Other", severity="error")
    story.at(400).reports("it is still broken", "cart")
    assert len(rung(story)) == 1
    story.asks("carol", "escalate")
    assert rung(story)[1][:3] == ("alice", 1, 1)


def test_conditions_choose_levels_and_one_that_cannot_be_worked_out_pages():
    critical = Says("critical", lambda names: names["incident"]["severity"] == "critical")
    lacking = Says("lacking", lambda names: names["incident"]["labels"]["gone"] == "x")
    known = shop(
        level("user:alice", condition=critical), level("user:bob", condition=lacking), level("user:carol")
    )
    story = Story(known)
    story.alert("Other", severity="error")
    assert [each[0] for each in rung(story)] == ["bob"]
    assert story.told("ConditionFailed") == ["condition_error"]
    other = Story(known)
    other.alert("Other", severity="critical")
    assert [each[0] for each in rung(other)] == ["alice"]


def test_a_jump_goes_on_elsewhere():
    jump = replace(level(), jump="boss")
    story = Story(shop(level("user:alice"), jump, level("user:bob"), level("user:carol", name="boss")))
    story.alert("Other", severity="critical")
    story.at(300)
    assert [each[:2] for each in rung(story)] == [("alice", 1), ("carol", 4)]


def test_a_level_that_names_nobody_now_is_passed_over_at_once():
    story = Story(shop(level("user:gone"), level("user:bob")))
    story.alert("Other", severity="critical")
    assert rung(story) == [("bob", 2, 1, 0.0)]
    assert told(story, "LevelSkipped", "Escalated") == [
        ("LevelSkipped", "nobody_there"),
        ("Escalated", "no_runbook"),
    ]


def test_where_nobody_can_be_paged_at_all_that_is_said():
    story = Story(shop(level("user:gone"), repeat=3))
    story.alert("Other", severity="critical")
    assert told(story, "EscalationExhausted", "EscalationImpossible") == [
        ("EscalationExhausted", "exhausted"),
        ("EscalationImpossible", "nobody_there"),
    ]
    assert not story.record.timers
    assert story.put_out(ChatCommand)[-1].text == (
        "Nobody could be paged: policy shop names nobody who is there (there is no person 'gone'). "
        "Somebody must take this: say `ack`, or `assign @PERSON`."
    )


def test_where_no_policy_covers_an_incident_chat_says_that_nobody_was_paged():
    story = Story(with_policies())
    story.alert("Other", severity="critical")
    assert told(story, "EscalationImpossible") == [("EscalationImpossible", "no_policy")]
    assert story.put_out(ChatCommand)[-1].text.startswith(
        "Nobody could be paged: no escalation policy covers this incident"
    )


def test_the_card_offers_to_acknowledge_again_when_an_acknowledgement_went_stale():
    known = shop(*TWO)
    story = Story(replace(known, rules=replace(known.rules, ack_stale_after=timedelta(hours=1))))
    story.alert("Other", severity="critical")
    story.at(10).asks("alice", "acknowledge")
    story.at(3700)
    card = story.put_out(ChatCommand, op="update")[-1]
    assert card.text.startswith("[triggered]")
    assert "responders: alice" in card.text
    assert [each.label for each in card.buttons] == ["Acknowledge", "Resolve"]


def test_a_team_is_its_members_a_policy_its_first_level_and_nobody_is_rung_twice():
    policies = (
        Policy("shop", levels=(level("team:shop", "user:alice", "policy:other"),)),
        Policy("other", levels=(level("user:dave", "user:bob"),)),
    )
    story = Story(with_policies(*policies))
    story.alert("Other", severity="critical")
    assert [each[0] for each in rung(story)] == ["alice", "bob", "carol", "dave"]


def test_round_robin_pages_the_next_each_time():
    story = Story(shop(level("team:shop", "channel:#shop", round_robin=True), repeat=3))
    story.alert("Other", severity="critical")
    story.at(1199)
    people = [each[0] for each in rung(story) if each[0] != "channel:#shop"]
    assert len(people) == 4
    assert set(people[:3]) == {"alice", "bob", "carol"}
    assert people[3] == people[0]


def test_an_undelivered_page_does_not_wait_for_its_ack_timeout():
    story = Story(shop(*TWO[:1], level("user:bob")))
    story.alert("Other", severity="critical")
    (page,) = story.put_out(EscalationCommand)
    story.at(5).responds(None, object_id=page.object_id, command_id=page.id, status="failed")
    assert rung(story)[1] == ("bob", 2, 1, 5.0)
    assert told(story, "EscalatedFurther") == [("EscalatedFurther", "undelivered")]


def test_the_policy_is_kept_as_it_stood_and_people_are_those_of_now():
    story = Story(shop(*TWO))
    story.alert("Other", severity="critical")
    newer = shop(level("user:dave"))
    people = {**newer.people, "bob": replace(newer.people["bob"], contact_ref="pager/new-bob")}
    story.publish(replace(newer, hash="lib2", people=people))
    story.at(360)
    page = story.put_out(EscalationCommand, op="notify")[-1]
    assert (page.person_id, page.contact_ref) == ("bob", "pager/new-bob")


def test_the_services_policy_wins_over_the_teams():
    known = with_policies(
        Policy("shop", levels=(level("user:alice"),)), Policy("own", levels=(level("user:dave"),))
    )
    services = {**known.services, "cart": replace(known.services["cart"], escalation="own")}
    story = Story(replace(known, services=services))
    story.alert("Other", severity="critical")
    assert [each[0] for each in rung(story)] == ["dave"]


def test_a_timer_that_comes_again_changes_nothing():
    story = Story(shop(*TWO))
    story.alert("Other", severity="critical")
    (timer,) = story.record.timers.values()
    story.at(360)
    before = len(story.outputs)
    assert story.fire_timer(TimerFired(id=timer.id, due=timer.due, kind=timer.kind)) == []
    assert len(story.outputs) == before


def test_in_shadow_nobody_can_acknowledge_so_no_further_level_comes():
    story = Story(with_policies(Policy("shop", levels=TWO), mode=Mode.SHADOW))
    story.alert("Other", severity="critical")
    story.at(5000)
    assert [each[0] for each in rung(story)] == ["alice"]


def test_rounds_in_which_nobody_could_be_paged_are_gone_through_once():
    story = Story(shop(level("user:gone"), level("user:away"), repeat=20))
    story.alert("Other", severity="critical")
    assert len(story.told("LevelSkipped")) == 2


def test_the_end_of_the_incident_ends_it():
    story = Story(shop(*TWO))
    story.alert("Other", severity="critical")
    story.at(100).resolves("Other", severity="critical")
    story.at(1000)
    assert [each[0] for each in rung(story)] == ["alice"]
    assert stopped(story) == ["alice"]


def test_a_page_of_a_release_that_knew_one_level_is_followed_by_the_next():
    story = Story(shop(*TWO))
    story.alert("Other", severity="critical")
    bare = story.incident.model_copy(update={"ladders": [], "policy_library": ""})
    story.world.records[story.domain] = story.record.model_copy(
        update={"incidents": {bare.id: bare}, "timers": {}}
    )
    story.at(400).alert("Other", severity="critical", pod="b")
    story.at(401)
    assert story.incident.ladders[0].due is not None
    story.at(460)
    assert rung(story)[1][0] == "bob"
    story.responds("acknowledge", actor=vouched("bob"))
    assert not story.record.timers


def test_a_jump_back_to_a_level_that_names_nobody_leads_on_to_those_behind_it():
    known = shop(
        level("user:gone", name="first"), replace(level(), jump="first"), level("user:bob"), repeat=2
    )
    story = Story(known)
    story.alert("Other", severity="critical")
    assert rung(story) == [("bob", 3, 3, 0.0)]
    assert len(story.told("LevelSkipped")) == 1


def at_work(**fields):
    """A runbook is at work, and people are paged when it fails only."""
    known = replace(shop(*TWO), runbooks={"crash": page(look(timeout=seconds(400)), **fields)})
    story = Story(known)
    story.alert("Crash", severity="warning")
    assert not rung(story)
    return story


def test_nobody_follows_on_who_is_called_in_before_the_policy_began():
    story = at_work()
    story.at(10).asks("alice", "add_responder", target="dave")
    story.at(399)
    assert [each[0] for each in rung(story)] == ["dave"]


def test_the_policy_begins_when_there_is_a_reason_though_somebody_was_called_in():
    story = at_work()
    story.at(10).asks("alice", "add_responder", target="dave")
    story.at(20).answer("look", "failed")
    assert rung(story)[1:] == [("alice", 1, 1, 20.0)]
    story.at(380)
    assert rung(story)[2:] == [("bob", 2, 1, 380.0)]
    story = at_work()
    story.at(10).asks("alice", "add_responder", target="dave")
    story.at(15).asks("dave", "acknowledge")
    story.at(20).answer("look", "failed")
    assert [each[0] for each in rung(story)] == ["dave"], "who was called in is on it"
