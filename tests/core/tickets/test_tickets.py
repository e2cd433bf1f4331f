"""The ticket of an incident: when there is one, what stands in it, and what comes of it when somebody moves it outside."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.core.digests import BURST
from app.core.record import dump
from app.model.commands import ChatCommand, DocumentCommand, TicketCommand
from app.model.desk import TicketSettings, WhenClosed, settings_of
from app.model.expressions import Template
from app.model.outputs import DeadLetter, IncidentEvent
from app.model.words import IncidentStatus, Severity
from tests.core.estate import Says, label, library
from tests.core.story import START, Story

TITLE = Template(
    "Fix ${{ incident.title }}", ("Fix ", Says("incident.title", lambda c: c["incident"]["title"]))
)


def with_ticket(settings: TicketSettings, service: TicketSettings | None = None, **rules) -> Story:
    plain = library(**rules)
    teams = {**plain.teams, "shop": replace(plain.teams["shop"], ticket=settings)}
    services = {**plain.services, "cart": replace(plain.services["cart"], ticket=service)}
    return Story(replace(plain, teams=teams, services=services))


def tickets(story: Story) -> list[tuple[str, str]]:
    return [(each.op, each.fields.get("status", "")) for each in story.put_out(TicketCommand)]


def moved(story: Story, state: str, **fields) -> None:
    """Somebody moves the ticket outside."""
    story.responds(None, object_id=story.incident.ticket_id, state=state, **fields)


@pytest.mark.parametrize(
    ("least", "severity", "opened"),
    [
        (None, "critical", True),
        (None, "error", False),
        (Severity.ERROR, "error", True),
        (Severity.ERROR, "warning", False),
        (Severity.WARNING, "warning", True),
    ],
)
def test_how_bad_it_must_be(least, severity, opened):
    story = with_ticket(TicketSettings(severity=least))
    story.alert(severity=severity)
    assert bool(story.put_out(TicketCommand, op="open")) is opened


def test_its_life():
    story = with_ticket(TicketSettings(states={"closed": "Done"}))
    story.alert(severity="critical")
    story.at(5).responds("acknowledge")
    story.at(9).resolves(severity="critical")
    story.at(2000)
    assert tickets(story) == [
        ("open", ""),
        ("comment", ""),
        ("transition", "resolved"),
        ("transition", "Done"),
    ]
    assert len({each.object_id for each in story.put_out(TicketCommand)}) == 1
    assert [each.revision for each in story.put_out(TicketCommand)] == [1, 2, 3, 4]
    assert {each.project for each in story.put_out(TicketCommand)} == {"SHOP"}


def test_fields_are_filled_in_the_services_before_the_teams():
    team = TicketSettings(project="TEAM", fields={"summary": TITLE, "pod": label("pod")})
    service = TicketSettings(project="CART", fields={"pod": Template("none", ("none",))})
    story = with_ticket(team, service)
    story.alert(severity="critical")
    (ticket,) = story.put_out(TicketCommand)
    assert ticket.project == "CART"
    assert ticket.fields == {
        "severity": "critical",
        "service": "cart",
        "environment": "production",
        "summary": "Fix Crash it is",
        "pod": "none",
    }


def test_a_field_that_cannot_be_filled_in_is_left_out_and_said():
    story = with_ticket(TicketSettings(fields={"rack": label("rack"), "summary": TITLE}))
    story.alert(severity="critical")
    (ticket,) = story.put_out(TicketCommand)
    assert "rack" not in ticket.fields
    assert ticket.fields["summary"] == "Fix Crash it is"
    (event,) = story.put_out(IncidentEvent, type="TicketFieldsMissing")
    assert event.text.startswith("fields of the ticket that cannot be filled in: rack: ")


def test_comments_are_few():
    story = with_ticket(TicketSettings())
    story.alert(severity="critical")
    for number in range(40):
        story.at(number).responds("annotate", text=f"note {number}", id=f"n{number}")
    assert tickets(story)[1:] == [("comment", "")] * BURST["ticket"]
    story.at(601)
    *_, digest = story.put_out(TicketCommand)
    assert digest.text.startswith("37 changes, the newest 20:\n- bob: note 20\n")


def test_what_waits_is_said_before_the_end():
    story = with_ticket(TicketSettings())
    story.alert(severity="critical")
    for number in range(BURST["ticket"] + 2):
        story.responds("annotate", text=f"note {number}", id=f"n{number}")
    story.at(9).resolves(severity="critical")
    assert tickets(story)[-2:] == [("comment", ""), ("transition", "resolved")]


def test_its_key_and_place_come_back():
    story = with_ticket(TicketSettings())
    story.alert(severity="critical")
    url = "https://tracker.example/SHOP-7"
    story.responds(None, object_id=story.incident.ticket_id, external_key="SHOP-7", external_url=url)
    assert (story.incident.refs, story.incident.urls) == ({"ticket": "SHOP-7"}, {"ticket": url})
    story.responds("acknowledge")
    assert f"ticket: SHOP-7 {url}" in story.put_out(ChatCommand, op="update")[-1].text


LEFT_OPEN = " The incident is open still; say `resolve` if it is over."


@pytest.mark.parametrize(
    ("settings", "state", "resolved"),
    [
        (TicketSettings(), "Done", False),
        (TicketSettings(when_closed=WhenClosed.NOTE), "Done", False),
        (TicketSettings(when_closed=WhenClosed.RESOLVE), "Done", True),
        (TicketSettings(when_closed=WhenClosed.RESOLVE), "DONE", True),
        (TicketSettings(when_closed=WhenClosed.RESOLVE), "In Progress", False),
        (TicketSettings(when_closed=WhenClosed.RESOLVE, closed=("Fertig",)), "Done", False),
        (TicketSettings(when_closed=WhenClosed.RESOLVE, closed=("Fertig",)), "fertig", True),
    ],
)
def test_a_ticket_that_is_moved_outside(settings, state, resolved):
    story = with_ticket(settings)
    story.alert(severity="critical")
    moved(story, state)
    assert (story.incident.status is IncidentStatus.RESOLVED) is resolved
    assert story.incident.ticket_state == state
    (said,) = [each.text for each in story.put_out(ChatCommand) if "moved the ticket" in each.text]
    is_left_open = not resolved and state == "Done" and "Fertig" not in settings.closed
    assert said == f"bob moved the ticket to {state}." + LEFT_OPEN * is_left_open
    if resolved:
        assert story.incident.reason == "ticket_closed"
        assert tickets(story) == [("open", "")], "a ticket that is closed is not closed by us"


def test_a_ticket_that_is_closed_twice():
    story = with_ticket(TicketSettings(when_closed=WhenClosed.RESOLVE))
    story.alert(severity="critical")
    moved(story, "Done")
    seen = len(story.outputs)
    moved(story, "Done", id="again")
    assert story.outputs[seen:] == []
    story.at(5).alert(severity="critical", starts=4)
    assert story.incident.status is IncidentStatus.TRIGGERED
    assert tickets(story)[-1] == ("transition", "reopened")
    moved(story, "Done", id="once more")
    assert story.incident.status is IncidentStatus.RESOLVED, "it was reopened in between"


def test_the_answer_to_our_own_command_moves_nothing():
    story = with_ticket(TicketSettings(when_closed=WhenClosed.RESOLVE))
    story.alert(severity="critical")
    moved(story, "Done", command_id="one of ours")
    assert story.incident.status is IncidentStatus.TRIGGERED
    assert story.incident.ticket_state == "Done"


@pytest.mark.parametrize(("second", "resolved"), [(10, False), (13, True)])
def test_a_tracker_tells_late_of_what_we_moved_before_the_incident_came_back(second, resolved):
    story = with_ticket(TicketSettings(when_closed=WhenClosed.RESOLVE, states={"resolved": "Done"}))
    story.alert(severity="critical")
    story.at(9).resolves(severity="critical")
    story.at(12).alert(severity="critical", starts=12)
    story.at(15)
    moved(story, "Done", occurred_at=START + timedelta(seconds=second))
    assert (story.incident.status is IncidentStatus.RESOLVED) is resolved
    assert (story.incident.ticket_state == "Done") is resolved, "else its next end would not close it"


def test_what_a_tracker_calls_a_ticket_is_held_within_bounds():
    story = with_ticket(TicketSettings())
    story.alert(severity="critical")
    size = len(dump(story.record))
    story.responds(
        None, object_id=story.incident.ticket_id, external_key="K" * 200_000, external_url="u" * 200_000
    )
    assert story.incident.refs["ticket"].startswith("KKK")
    assert len(dump(story.record)) < size + 8_000


def test_answers_after_the_end_are_no_mistakes():
    """Receipts of the last commands come when the incident has left, and people close tickets days later."""
    story = with_ticket(TicketSettings())
    story.alert(severity="critical")
    incident_id = story.incident.id
    story.at(9).resolves(severity="critical")
    story.at(2000)
    assert not story.record.incidents
    story.at(9 * 86_400)
    last = [
        story.put_out(TicketCommand)[-1],
        story.put_out(ChatCommand)[-1],
        story.put_out(DocumentCommand)[-1],
    ]
    for number, command in enumerate(last):
        answered = {"object_id": command.object_id, "incident_id": incident_id, "id": f"late{number}"}
        assert story.responds(None, **answered, state="Done" if number == 0 else "") == []
    story.responds(None, object_id="nobody's", incident_id=incident_id)
    assert [each.reason for each in story.put_out(DeadLetter)] == ["unknown_command"]


def test_a_ticket_that_is_closed_after_its_incident_is_noted():
    story = with_ticket(TicketSettings(when_closed=WhenClosed.RESOLVE))
    story.alert(severity="critical")
    incident_id = story.incident.id
    story.at(9).resolves(severity="critical")
    story.at(2000)
    ticket = story.put_out(TicketCommand)[-1]
    story.responds(None, object_id=ticket.object_id, incident_id=incident_id, state="Done")
    assert story.told("TicketMoved") == ["closed_outside"]
    for number in range(BURST["ticket"] + 3):
        story.responds("annotate", text="still", incident_id=incident_id, id=f"n{number}")
    assert len(story.put_out(TicketCommand, op="comment", text="bob: still")) == BURST["ticket"] + 3
    assert not story.put_out(DeadLetter)
    assert not story.record.timers


def test_settings_are_taken_item_by_item():
    near = TicketSettings(project="A", states={"resolved": "Fixed"})
    far = TicketSettings(project="B", severity=Severity.INFO, states={"resolved": "Done", "closed": "Gone"})
    found = settings_of(near, None, far)
    assert (found.project, found.severity) == ("A", Severity.INFO)
    assert found.states == {"resolved": "Fixed", "closed": "Gone"}
    assert (found.closed, found.when_closed) == (("closed", "done", "resolved"), WhenClosed.NOTE)


def test_without_a_window_every_comment_goes_out():
    story = with_ticket(TicketSettings(), ticket_window=timedelta())
    story.alert(severity="critical")
    for number in range(9):
        story.responds("annotate", text=f"note {number}", id=f"n{number}")
    assert len(tickets(story)) == 10
