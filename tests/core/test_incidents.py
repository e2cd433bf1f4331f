"""Incidents: opening, joining, pages, responses, resolving, coming back, closing, bounds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.core.bounds import ESCALATIONS, MEMBERS, RESPONDERS
from app.core.record import dump
from app.model.commands import ChatCommand, DocumentCommand, EscalationCommand, StepCommand, TicketCommand
from app.model.incident import IncidentSnapshot
from app.model.inputs import Actor, TimerFired
from app.model.noise import Flapping
from app.model.outputs import DeadLetter, IncidentEvent
from app.model.runbook import FollowUp, Page
from app.model.words import IncidentStatus, Mode, PageWhen, Severity, TimerKind, Urgency
from tests.core.estate import library, look, mend, page, quiet, seconds
from tests.core.story import START, Story, alert_signal


def test_one_alert_one_incident_one_page_one_step() -> None:
    story = Story(library(page(look())))
    story.alert(severity="critical")
    assert len(story.put_out(EscalationCommand)) == len(story.put_out(StepCommand)) == 1
    assert story.put_out(EscalationCommand)[0].reason == "critical"
    assert [each.op for each in story.put_out(TicketCommand)] == ["open"]
    count = len(story.outputs)
    story.at(5).alert(severity="critical")
    assert len(story.outputs) == count, "a repeat changes nothing"
    story.at(9).resolves(severity="critical")
    assert story.incident.status is IncidentStatus.RESOLVED
    assert [each.op for each in story.put_out(StepCommand)] == ["run", "cancel"]
    assert [each.op for each in story.put_out(EscalationCommand)] == ["notify", "stop"]
    assert [each.op for each in story.put_out(TicketCommand)] == ["open", "transition"]
    assert [each.op for each in story.put_out(ChatCommand)] == ["post", "reply", "update"]
    (document,) = story.put_out(DocumentCommand)
    assert "Crash it is" in document.body
    assert "look" in document.body
    story.at(9 + 600)
    assert not story.record.incidents, "closed when its reopen window ends"
    assert story.put_out(IncidentSnapshot)[-1].status is IncidentStatus.CLOSED
    assert [each.op for each in story.put_out(DocumentCommand)] == ["draft", "draft"], "as closed once more"
    assert not story.record.timers


@pytest.mark.parametrize(
    ("severity", "page_rule", "when", "reason"),
    [
        ("critical", None, 0, "critical"),
        ("error", None, 180, "error_after"),
        ("warning", None, None, None),
        ("critical", Page(PageWhen.ON_FAILURE), None, None),
        ("critical", Page(PageWhen.AFTER, seconds(50)), 50, "page_after"),
        ("info", Page(PageWhen.AT_ONCE), 0, "page_at_once"),
    ],
)
def test_when_people_are_paged(severity, page_rule, when, reason) -> None:
    story = Story(library(page(look(timeout=seconds(500)), page=page_rule)))
    story.alert(severity=severity)
    if when:
        story.at(when - 0.1)
        assert not story.put_out(EscalationCommand)
    story.at(when if when is not None else 400)
    assert [each.reason for each in story.put_out(EscalationCommand)] == ([reason] if reason else [])


def test_pages_at_once_where_no_runbook_fits_or_the_page_is_a_checklist() -> None:
    for name, pages, reason in (
        ("Other", [page(look())], "no_runbook"),
        ("Crash", [page()], "checklist_only"),
    ):
        story = Story(library(*pages))
        story.alert(name, severity="warning")
        assert [each.reason for each in story.put_out(EscalationCommand)] == [reason]


def test_an_acknowledgement_stops_the_page_for_good() -> None:
    story = Story(library(page(mend())))
    story.alert(severity="critical")
    story.at(4).responds("acknowledge")
    assert story.incident.status is IncidentStatus.ACKNOWLEDGED
    assert story.incident.responders == ["bob"]
    story.at(100)
    assert [each.op for each in story.put_out(EscalationCommand)] == ["notify", "stop"]
    story.at(120).resolves(severity="critical")
    assert [each.op for each in story.put_out(EscalationCommand)] == ["notify", "stop"], "no second stop"


def test_alerts_of_the_domain_join_and_the_worst_severity_counts() -> None:
    story = Story(library(page(look())))
    story.alert(severity="warning", pod="a")
    story.alert(severity="critical", pod="b")
    assert (story.incident.alert_count, story.incident.firing, story.incident.severity) == (
        2,
        2,
        Severity.CRITICAL,
    )
    assert story.incident.urgency is Urgency.HIGH
    assert story.incident.labels == {"alertname": "Crash"}
    assert [each.reason for each in story.put_out(EscalationCommand)] == ["severity_raised"]
    assert len(story.put_out(TicketCommand)) == 1
    story.resolves(severity="warning", pod="a")
    assert story.incident.status is not IncidentStatus.RESOLVED
    story.resolves(severity="critical", pod="b")
    assert story.incident.status is IncidentStatus.RESOLVED


def test_a_rise_to_high_urgency_rings_those_again_who_ring_already() -> None:
    story = Story(library())
    story.alert("Other", severity="warning")
    story.at(10).alert(severity="critical", pod="b")
    first, second = story.put_out(EscalationCommand)
    assert (first.op, first.urgency, first.revision) == ("notify", Urgency.LOW, 1)
    assert (second.op, second.urgency, second.revision) == ("notify", Urgency.HIGH, 2)
    assert (second.object_id, second.reason) == (first.object_id, "severity_raised")
    assert second.ack_by == START + seconds(310)
    assert second.title == first.title
    assert [each.text for each in story.put_out(ChatCommand, op="reply")][1] == (
        "Severity raised: warning to critical."
    )
    story.at(20).responds("acknowledge")
    assert [each.op for each in story.put_out(EscalationCommand)] == ["notify", "notify", "stop"]


@pytest.mark.parametrize("severity", ["error", "critical"])
def test_a_rise_to_high_urgency_pages_anew_who_acknowledged_the_low_one(severity) -> None:
    story = Story(library())
    story.alert("Other", severity="warning")
    story.at(5).responds("acknowledge")
    story.at(10).alert(severity=severity, pod="b")
    first, _, again = story.put_out(EscalationCommand)
    assert (again.op, again.urgency, again.revision) == ("notify", Urgency.HIGH, 1)
    assert again.object_id != first.object_id
    story.at(20).responds("acknowledge")
    assert [each.op for each in story.put_out(EscalationCommand)] == ["notify", "stop", "notify", "stop"]
    assert story.incident.status is IncidentStatus.ACKNOWLEDGED


def test_a_rise_within_high_urgency_rings_nobody_again() -> None:
    story = Story(library())
    story.alert("Other", severity="error")
    story.at(10).alert(severity="critical", pod="b")
    assert [each.op for each in story.put_out(EscalationCommand)] == ["notify"]
    assert story.put_out(IncidentEvent, type="EscalationNoted")


def test_a_rise_to_error_while_nobody_rings_is_paged_as_an_error_is() -> None:
    story = Story(library(page(look(timeout=seconds(500)))))
    story.alert(severity="warning")
    story.at(10).alert(severity="error", pod="b")
    story.at(189)
    assert not story.put_out(EscalationCommand)
    story.at(190)
    assert [each.reason for each in story.put_out(EscalationCommand)] == ["error_after"]


@pytest.mark.parametrize("severity", ["none"])
def test_severity_none_never_opens(severity) -> None:
    story = Story(library())
    assert story.alert(severity=severity) == []
    assert story.alert(severity="warning")
    assert story.alert(severity=severity, pod="x") == []


def test_late_and_repeated_alerts() -> None:
    story = Story(library())
    story.resolves(pod="never-seen")
    assert not story.record.incidents
    story.alert(starts=10)
    story.resolves(starts=5)
    assert story.incident.firing == 1, "a resolve of an older firing"
    story.resolves(starts=10)
    assert story.incident.status is IncidentStatus.RESOLVED
    story.at(30).alert(starts=8)
    assert story.incident.status is IncidentStatus.RESOLVED, "a firing older than the one that was resolved"
    story.at(40).alert(starts=40)
    assert (story.incident.status, story.incident.reopened) == (IncidentStatus.TRIGGERED, 1)
    assert [each.op for each in story.put_out(EscalationCommand)] == ["notify", "stop", "notify"]


@pytest.mark.parametrize(
    ("starts", "lasts"),
    [(7, 20), (9, 0)],
    ids=["a second monitoring replica saw it fire earlier", "an end posted by hand, a second off"],
)
def test_an_end_with_an_earlier_beginning_ends_it_all_the_same(starts, lasts) -> None:
    story = Story(library())
    story.alert(starts=10)
    story.resolves(starts=starts, lasts=lasts)
    assert story.incident.status is IncidentStatus.RESOLVED
    story.apply(alert_signal(starts=10).model_copy(update={"identity": "sent again"}))
    assert story.incident.status is IncidentStatus.RESOLVED, "a late repeat opens nothing"


def test_an_alert_without_a_start_may_fire_again() -> None:
    story = Story(library())
    story.alert(starts=None)
    assert story.apply(alert_signal(starts=None).model_copy(update={"identity": "sent again"})) == [], (
        "unchanged"
    )
    story.resolves(starts=None)
    assert story.incident.status is IncidentStatus.RESOLVED


def test_a_user_report_opens_and_only_a_person_resolves_it() -> None:
    story = Story(library())
    story.reports()
    assert story.put_out(EscalationCommand)[0].reason == "no_runbook"
    story.reports("mine too")
    assert story.incident.reports == ["carol: the cart is empty", "carol: mine too"]
    story.at(5000)
    assert story.incident.status is IncidentStatus.TRIGGERED
    story.responds("resolve", text="cleared the cache")
    assert (story.incident.status, story.incident.reason) == (IncidentStatus.RESOLVED, "by_person")


def test_changes_are_suspected_before_and_after_opening_within_their_window() -> None:
    story = Story(library(change_window=seconds(100)))
    story.deploys("old")
    story.at(101).deploys("new")
    story.at(150).alert(starts=150)
    story.at(151).deploys("later")
    assert [each.service for each in story.incident.changes] == ["new", "later"]
    assert story.incident.changes[0].at == START + seconds(101)


@pytest.mark.parametrize(
    ("kind", "fields", "event", "reason"),
    [
        ("annotate", {"text": "look at node 7"}, "NoteAdded", "by_person"),
        ("assign", {"text": "dave"}, "Assigned", "by_person"),
        ("feedback", {"text": "right"}, "FeedbackGiven", "by_person"),
        ("feedback", {"text": "so-so"}, "ResponseRefused", "not_supported"),
        ("snooze", {}, "ResponseRefused", "no_time_given"),
        ("reopen", {}, "ResponseRefused", "not_in_this_state"),
    ],
)
def test_responses(kind, fields, event, reason) -> None:
    story = Story(library())
    story.alert()
    story.responds(kind, **fields)
    assert [each.reason for each in story.put_out(IncidentEvent, type=event)] == [reason]


def test_what_answers_nothing_known_is_a_dead_letter_that_holds_it_whole() -> None:
    story = Story(library(page(look())))
    story.alert()
    command = story.put_out(StepCommand)[0].model_copy(update={"id": "nope", "object_id": "nope"})
    story.answers(command, output={"a": 1})
    story.responds("acknowledge", incident_id="nope")
    story.responds(None, object_id="nope")
    letters = story.put_out(DeadLetter)
    assert [(each.reason, each.field) for each in letters] == [
        ("unknown_command", "command_id"),
        ("unknown_incident", "incident_id"),
        ("unknown_command", "object_id"),
    ]
    assert b'"a":1' in letters[0].value
    assert len({each.id for each in letters}) == 3


def test_a_connector_tells_its_key_and_later_commands_bear_it() -> None:
    story = Story(library())
    story.alert(severity="critical")
    ticket = story.put_out(TicketCommand)[0]
    story.responds(None, object_id=ticket.object_id, command_id=ticket.id, external_key="SHOP-7")
    story.resolves(severity="critical")
    assert story.put_out(TicketCommand)[-1].refs == {"ticket": "SHOP-7"}


def test_the_review_says_who_is_to_do_what_by_when() -> None:
    tasks = (
        FollowUp("Fix the leak", "service", timedelta(days=5)),
        FollowUp("Tell sales", "carol"),
        FollowUp("Look at the graphs", due=timedelta(days=1)),
        FollowUp("Sleep"),
    )
    story = Story(library(page(look(), follow_ups=tasks)))
    story.alert()
    story.at(9).resolves()
    (document,) = story.put_out(DocumentCommand)
    assert document.body.endswith(
        "- [ ] Fix the leak (shop, due 2026-11-29)\n- [ ] Tell sales (carol)\n"
        "- [ ] Look at the graphs (due 2026-11-25)\n- [ ] Sleep\n"
    )


@pytest.mark.parametrize("status", ["failed", "refused", "expired"])
def test_a_page_that_was_not_delivered_does_not_ring_and_the_next_reason_pages_again(status) -> None:
    story = Story(library(page(look(), look(id="next"), mend())))
    story.alert(severity="critical")
    first = story.put_out(EscalationCommand)[0]
    story.at(5).responds(None, object_id=first.object_id, status=status, reason="no such contact")
    (event,) = story.put_out(IncidentEvent, type="PageUndelivered")
    assert event.text == "the page to user:alice was not delivered (no such contact)"
    said = [each.text for each in story.put_out(ChatCommand)]
    assert said[-2] == "The page to user:alice was not delivered: no such contact."
    assert said[-1].startswith(
        "Nobody acknowledged, the last pages were not delivered, and policy shop has nobody left to page."
    )
    story.at(40)  # a step times out
    assert [each.reason for each in story.put_out(EscalationCommand, op="notify")] == [
        "critical",
        "step_timed_out",
    ]
    again = story.put_out(EscalationCommand)[-1]
    assert again.object_id != first.object_id
    story.at(50).responds("acknowledge")
    assert [each.object_id for each in story.put_out(EscalationCommand, op="stop")] == [again.object_id]


def test_an_answer_that_fails_after_the_acknowledgement_changes_no_page() -> None:
    story = Story(library())
    story.alert(severity="critical")
    first = story.put_out(EscalationCommand)[0]
    story.at(5).responds("acknowledge")
    story.at(6).responds(None, object_id=first.object_id, status="failed", reason="stopped too late")
    assert not story.put_out(IncidentEvent, type="PageUndelivered")
    assert story.put_out(IncidentEvent, type="CommandFailed")


@pytest.mark.parametrize("where", ["library", "page", "worker"])
def test_shadow_is_the_strictest(where) -> None:
    pages = [page(look(), mode=Mode.SHADOW if where == "page" else None)]
    story = Story(library(*pages, mode=Mode.SHADOW if where == "library" else Mode.AUTO))
    story.mode = Mode.SHADOW if where == "worker" else None
    story.alert(severity="critical")
    assert story.put_out(StepCommand)[0].mode is Mode.SHADOW
    assert story.put_out(StepCommand)[0].dry_run
    assert story.put_out(EscalationCommand)[0].mode is (Mode.AUTO if where == "page" else Mode.SHADOW)


def going_live() -> Story:
    """A shadow incident is open, with two alerts, when the library goes live."""
    story = Story(library(mode=Mode.SHADOW))
    story.alert(pod="a")
    story.alert(pod="b")
    story.at(10).publish(library(hash_="lib2"))
    return story


def by_mode(story: Story) -> dict[Mode, list[IncidentStatus]]:
    found: dict[Mode, list[IncidentStatus]] = {}
    for each in story.record.incidents.values():
        found.setdefault(each.mode, []).append(each.status)
    return found


def test_what_is_decided_live_opens_beside_an_incident_in_shadow() -> None:
    story = going_live()
    story.at(20).alert("Other", severity="critical", pod="c")
    story.alert("Other", severity="error", pod="d")
    assert [each.mode for each in story.put_out(EscalationCommand)] == [Mode.SHADOW, Mode.AUTO]
    assert sorted(each.alert_count for each in story.record.incidents.values()) == [2, 2]
    story.deploys()
    story.reports("mine too")
    live = next(each for each in story.record.incidents.values() if each.mode is Mode.AUTO)
    assert live.reports == ["carol: mine too"]
    assert all(each.changes for each in story.record.incidents.values()), "both may be due to it"
    story.resolves("Other", severity="critical", pod="c")
    story.resolves("Other", severity="error", pod="d")
    assert by_mode(story) == {Mode.SHADOW: [IncidentStatus.TRIGGERED], Mode.AUTO: [IncidentStatus.RESOLVED]}
    story.resolves(pod="a")
    story.resolves(pod="b")
    assert by_mode(story) == {Mode.SHADOW: [IncidentStatus.RESOLVED], Mode.AUTO: [IncidentStatus.RESOLVED]}


def test_an_alert_that_went_on_over_the_change_of_mode_stays_where_it_is() -> None:
    story = going_live()
    story.apply(alert_signal(pod="a").model_copy(update={"identity": "sent again"}))
    assert by_mode(story) == {Mode.SHADOW: [IncidentStatus.TRIGGERED]}


@pytest.mark.parametrize("ends", [("a",), ("a", "b")], ids=["open", "resolved"])
def test_an_alert_that_comes_back_after_the_change_of_mode_is_live(ends) -> None:
    story = going_live()
    for pod in ends:
        story.at(20).resolves(pod=pod)
    story.at(30).alert(pod="a", starts=30)
    assert story.put_out(EscalationCommand)[-1].mode is Mode.AUTO
    assert by_mode(story)[Mode.AUTO] == [IncidentStatus.TRIGGERED]
    story.at(40).resolves(pod="a", starts=30)
    assert by_mode(story)[Mode.AUTO] == [IncidentStatus.RESOLVED]


def test_after_going_back_to_shadow_nothing_new_is_live_and_each_end_finds_its_incident() -> None:
    story = going_live()
    story.at(20).alert("Other", pod="c")
    story.at(25).resolves("Other", pod="c", starts=0)
    story.at(30).alert("Other", pod="c", starts=30)
    assert by_mode(story)[Mode.AUTO] == [IncidentStatus.TRIGGERED], "reopened: still live"
    story.alert("Other", pod="d")
    story.at(40).publish(library(hash_="lib3", mode=Mode.SHADOW))
    pages = len(story.put_out(EscalationCommand, mode=Mode.AUTO))
    story.alert("More", severity="critical", pod="e")
    story.resolves("Other", pod="d")
    story.at(50).alert("Other", pod="d", starts=50)
    assert len(story.put_out(EscalationCommand, mode=Mode.AUTO)) == pages
    story.at(60).resolves("Other", pod="c", starts=30)
    assert by_mode(story) == {Mode.SHADOW: [IncidentStatus.TRIGGERED], Mode.AUTO: [IncidentStatus.RESOLVED]}


def test_a_timer_that_comes_early_twice_or_cancelled_changes_nothing() -> None:
    story = Story(library(page(look())))
    story.alert()
    timer = next(each for each in story.record.timers.values() if each.kind is TimerKind.STEP_TIMEOUT)
    fired = TimerFired(id=timer.id, due=timer.due, kind=timer.kind)
    assert story.fire_timer(fired) == [], "early"
    story.at(31)
    assert story.fire_timer(fired) == [], "twice"
    story.resolves()
    assert story.fire_timer(fired) == [], "cancelled"


def test_events_are_gapless_and_snapshots_rise() -> None:
    story = Story(library(page(look(), mend(), quiet())))
    story.alert(severity="critical")
    story.at(40).responds("acknowledge")
    story.at(50).resolves(severity="critical")
    story.at(5000)
    assert [each.seq for each in story.put_out(IncidentEvent)] == list(
        range(1, len(story.put_out(IncidentEvent)) + 1)
    )
    versions = [each.version for each in story.put_out(IncidentSnapshot)]
    assert versions == sorted(set(versions))
    assert len({each.id for each in story.outputs if not isinstance(each, IncidentSnapshot)}) == len(
        [each for each in story.outputs if not isinstance(each, IncidentSnapshot)]
    )


def test_a_storm_is_one_incident_of_bounded_size() -> None:
    story = Story(library())
    count = MEMBERS + 200
    for start in range(0, count, 500):
        story.apply(
            *(alert_signal(pod=f"cart-{i}-{'x' * 40}") for i in range(start, min(start + 500, count)))
        )
    assert (story.incident.alert_count, story.incident.firing, story.incident.approximate) == (
        count,
        count,
        True,
    )
    assert len(dump(story.record)) < 512 * 1024
    assert len(story.put_out(EscalationCommand)) == 1
    assert len(story.put_out(ChatCommand)) < 20
    for start in range(0, count, 500):
        story.apply(
            *(
                alert_signal(status="resolved", pod=f"cart-{i}-{'x' * 40}")
                for i in range(start, min(start + 500, count))
            )
        )
    assert story.incident.status is IncidentStatus.RESOLVED


def test_an_incident_that_comes_back_for_days_stays_bounded() -> None:
    story = Story(replace(library(), flapping=Flapping(changes=0)))
    sizes = []
    for flap in range(60):
        story.at(flap * 60).alert(starts=flap * 60)
        story.at(flap * 60 + 30).responds("acknowledge", actor=Actor(provider="chat", id=f"person-{flap}"))
        story.responds("annotate", text=f"another-{flap}" + "x" * 5000)
        story.resolves(starts=flap * 60)
        sizes.append(len(dump(story.record)))
    assert story.incident.reopened == 59
    assert len(story.put_out(EscalationCommand, op="notify")) >= 59
    assert len(story.incident.escalations) == ESCALATIONS
    assert len(story.incident.responders) == RESPONDERS
    assert sizes[-1] < 1.1 * sizes[len(sizes) // 2]


def test_what_executors_and_people_say_is_cut_to_what_a_record_holds() -> None:
    story = Story(library(page(*(look(id=f"s{number}") for number in range(60)))))
    story.alert()
    for command in story.put_out(StepCommand):
        story.answers(command, reason="why " * 4000, output={"lines": ["word " * 100] * 100})
    assert len(dump(story.record)) < 1024 * 1024
    for number in range(250):
        story.responds("annotate", text=f"{number} " + "note " * 3000)
    assert len(dump(story.record)) < 1024 * 1024


def test_an_alert_that_ends_after_a_person_resolved_its_incident_does_not_fire_for_ever_once_that_is_back() -> (
    None
):
    story = Story(library(page(look())))
    story.alert(pod="a")
    story.alert(pod="b")
    story.at(60).responds("resolve")
    assert story.incident.firing == 2
    story.at(70).resolves(pod="a", lasts=70)
    assert (story.incident.firing, story.incident.status) == (1, IncidentStatus.RESOLVED)
    story.at(80).alert(pod="b", starts=80)
    assert (story.incident.firing, story.incident.reopened) == (1, 1)
    story.at(90).resolves(pod="b", starts=80, lasts=10)
    assert story.incident.firing == 0
