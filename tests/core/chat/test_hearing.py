"""What is said in an incident's conversation does what buttons do, or is answered there."""

from dataclasses import replace

import pytest

from app.model.commands import ChatCommand, EscalationCommand, StepCommand, TicketCommand
from app.model.inputs import Actor
from app.model.outputs import DeadLetter, IncidentEvent
from app.model.policy import Level, Policy
from app.model.runbook import Approval
from app.model.words import IncidentStatus, Mode
from tests.core.estate import library, look, mend, page, used
from tests.core.story import Story

ASKS = mend(approval=Approval(sources=("shop",)))
STRANGER = Actor(provider="slack", id="U99", verified_by="slack")


def told(*pages, **rules) -> Story:
    story = Story(library(*pages, **rules))
    story.alert(severity="critical")
    return story


def says(story, text, person="alice", **fields) -> str:
    """Somebody says something; gives what is said back, after all that the engine put out."""
    fields = {"conversation": "#shop", **fields}
    story.asks(person, "say", text=text, **fields)
    replies = [each for each in story.news if isinstance(each, ChatCommand) and each.op == "reply"]
    assert replies, "every word said is answered"
    assert not story.put_out(DeadLetter)
    return replies[-1].text


def test_ack():
    story = told()
    assert says(story, "ack") == "Acknowledged by alice."
    assert story.incident.status is IncidentStatus.ACKNOWLEDGED
    assert story.put_out(EscalationCommand)[-1].op == "stop"
    card = story.put_out(ChatCommand, op="update")[-1]
    assert [each.id for each in card.buttons] == ["resolve"]
    assert "on it: alice" in card.text
    assert says(story, "ack") == "Acknowledgement noted: alice."


def test_resolve_and_reopen():
    story = told()
    assert says(story, "resolve by hand") == "Incident resolved: alice: by hand."
    assert story.incident.status is IncidentStatus.RESOLVED
    assert says(story, "ack") == "acknowledge by alice changes nothing: the incident is resolved."
    says(story, "reopen")
    assert story.incident.reopened == 1


def test_resolve_is_answered_also_while_much_happens():
    story = told()
    for length in range(60, 70):
        story.asks("alice", "snooze", seconds=length)
    story.asks("alice", "say", text="resolve by hand")
    replies = [each for each in story.news if isinstance(each, ChatCommand) and each.op == "reply"]
    assert replies[0].text.startswith("6 changes:\n"), "what waited is said first"
    assert replies[1].text == "Incident resolved: alice: by hand."
    assert replies[1].reply_to


@pytest.mark.parametrize("name", ["bob", "@bob", "<@bob>", "<@bob|Bobby>", "<at>Bob</at>", "Bob", "bob-too"])
def test_assign(name):
    story = told()
    says(story, f"assign {name}")
    assert "bob" in story.incident.responders


def test_assign_me():
    story = told()
    says(story, "assign me", person="bob-too")
    assert "bob" in story.incident.responders


def test_assign_to_nobody():
    story = told()
    assert says(story, "assign @bbo") == "The catalog has nobody called `@bbo`. Did you mean `bob`?"
    assert not story.incident.responders


def test_note_is_on_the_timeline_and_in_the_ticket():
    story = told()
    says(story, "note the cache is warm")
    assert story.incident.timeline[-1].text == "alice: the cache is warm"
    assert [each.text for each in story.put_out(TicketCommand, op="comment")] == ["alice: the cache is warm"]


def test_run():
    story = told(page(look()), used(look(id="deeper")))
    assert says(story, "run innr") == "There is no runbook `innr`. Did you mean `inner`?"
    assert says(story, "run inner") == "Run asked: runbook inner, by alice."
    assert story.put_out(StepCommand, step="deeper")
    assert says(story, "run inner").endswith("changes nothing: that runbook runs already.")


def test_approve_by_name_and_without():
    story = told(page(ASKS))
    assert "No step `mnd` asks for leave. Say which: `approve mend`." in says(story, "approve mnd")
    assert says(story, "approve") == "Step approved: mend: alice (1 of 1)."
    assert story.put_out(StepCommand, step="mend")
    assert says(story, "approve") == "No step of this incident asks for leave now."


def test_approve_with_words_on_another_line():
    story = told(page(ASKS))
    assert says(story, "approve mend\nlooks right") == "Step approved: mend: alice (1 of 1): looks right."


def test_reject_with_words():
    story = told(page(ASKS))
    says(story, "reject mend not at this hour")
    assert not story.put_out(StepCommand, step="mend")
    (event,) = story.put_out(IncidentEvent, type="StepRejected")
    assert event.text == "mend: alice: not at this hour"


def test_who_may_not_approve_is_told_so():
    story = told(page(ASKS))
    assert "dave" in says(story, "approve mend", person="dave")
    assert not story.put_out(StepCommand, step="mend")


def test_a_person_is_called_by_their_id_whatever_account_they_speak_with():
    known = library()
    people = {**known.people, "alice": replace(known.people["alice"], identities=("slack:U02A",))}
    story = Story(replace(known, people=people))
    story.alert(severity="critical")
    account = Actor(provider="slack", id="U02A", verified_by="slack")
    assert says(story, "ack", actor=account) == "Acknowledged by alice."
    assert says(story, "note seen", actor=account) == "Note added: alice: seen."
    says(story, "snooze 30m", actor=account)
    (event,) = story.put_out(IncidentEvent, type="Snoozed")
    assert "put off for 30m" in event.text
    assert "says alice" in event.text
    assert event.actor == account, "which account it was stands beside"


def test_a_typo_is_answered_and_changes_nothing():
    story = told()
    before = story.incident.status
    answer = says(story, "akc")
    assert answer == "I do not know `akc`. Did you mean `ack`? Say `help` for all that I know."
    assert story.incident.status is before
    assert story.put_out(ChatCommand)[-1].reply_to.startswith("p")


UNKNOWN = (
    "I do not know slack:U99: to change that, add `slack:U99` to the `identities` of a person in the library."
)


def test_an_acknowledgement_from_someone_unknown_counts_and_says_so():
    story = told()
    assert says(story, "ack", actor=STRANGER) == f"Acknowledged by U99. {UNKNOWN}"
    assert story.incident.status is IncidentStatus.ACKNOWLEDGED
    assert says(story, "note hello", actor=STRANGER) == f"Note added: U99: hello. {UNKNOWN}"


def test_a_button_pressed_by_someone_unknown():
    story = told()
    story.responds("acknowledge", actor=STRANGER)
    assert story.put_out(ChatCommand, op="reply")[-1].text == f"Acknowledged by U99. {UNKNOWN}"
    assert story.put_out(TicketCommand)[-1].text == "Acknowledged by U99."


def test_where_the_catalog_has_no_people_nobody_is_unknown():
    story = Story(replace(library(), people={}))
    story.alert(severity="critical")
    assert says(story, "ack", actor=STRANGER) == "Acknowledged by U99."


@pytest.mark.parametrize("text", ["ack all mine", "assign me"])
def test_someone_unknown_has_nothing_that_is_theirs(text):
    story = told()
    assert "I do not know slack:U99" in says(story, text, actor=STRANGER)
    assert story.incident.status is IncidentStatus.TRIGGERED


def test_ack_all_mine():
    story = Story(library())
    story.alert("Crash", severity="critical", pod="a")
    story.alert("Other", severity="critical", pod="zz", starts=0)
    answer = says(story, "ack all mine", incident_id=next(iter(story.record.incidents)))
    assert answer.startswith("Acknowledged what pages you in production/shop")
    assert all(each.acknowledged_at for each in story.record.incidents.values())
    assert says(story, "ack all mine", incident_id=next(iter(story.record.incidents))) == (
        "No open incident of production/shop pages you now."
    )


def test_who():
    story = told()
    policy = Policy("shop", levels=(Level(("user:alice",)), Level(("user:bob", "channel:#ops"))))
    story.publish(replace(story.library, policies={"shop": policy}))
    assert says(story, "who") == (
        "- user:alice is paged\n"
        "- level 1 of shop, by now: user:alice\n- level 2 of shop, by now: user:bob, channel:#ops"
    )
    says(story, "ack", person="bob")
    assert says(story, "who").splitlines()[:2] == [
        "- the page to user:alice was acknowledged by bob",
        "- bob is on it",
    ]


def test_said_of_no_incident():
    story = told()
    answer = says(story, "ack", incident_id="gone", object_id="")
    assert answer == "No incident that is open, or may be reopened, is talked about here."
    (answered,) = [each for each in story.news if isinstance(each, ChatCommand)]
    assert (answered.conversation, answered.mode) == ("#shop", Mode.AUTO)
    assert says(story, "help", incident_id="gone").startswith("- `ack`")
    assert "Did you mean `who`" in says(story, "whoo", incident_id="gone")


def test_said_nowhere_of_nothing_is_a_dead_letter():
    story = told()
    story.asks("alice", "say", text="ack", incident_id="gone")
    assert [each.reason for each in story.put_out(DeadLetter)] == ["unknown_incident"]


def test_what_is_said_is_known_by_the_conversation_too():
    story = told()
    thread = story.put_out(ChatCommand)[0].object_id
    assert says(story, "ack", incident_id="", object_id=thread) == "Acknowledged by alice."


def test_said_twice_is_done_once():
    story = told()
    says(story, "note once", id="same")
    assert story.asks("alice", "say", text="note once", conversation="#shop", id="same") == []


def test_all_of_it_in_the_same_conversation():
    story = told()
    says(story, "help")
    chats = story.put_out(ChatCommand)
    assert len({each.object_id for each in chats}) == 1
    assert [each.revision for each in chats] == list(range(1, len(chats) + 1))
