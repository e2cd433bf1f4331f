"""Two incidents become one, and one becomes two: alerts, automation, pages, tickets and answers go a defined way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.core.bounds import MERGED
from app.core.record import dump
from app.model.commands import ChatCommand, EscalationCommand, StepCommand, TicketCommand
from app.model.correlation import CorrelationRules, JoinRule, JoinWord
from app.model.incident import Incident, IncidentSnapshot
from app.model.matchers import Match, parse_matcher
from app.model.noise import Flapping, InhibitRule
from app.model.outputs import DeadLetter, IncidentEvent
from app.model.policy import Level, Policy
from app.model.runbook import Page
from app.model.words import EscalationStatus, ExecutionStatus, IncidentStatus, Mode, PageWhen, Severity
from tests.core.estate import library, look, mend, page, quiet, seconds
from tests.core.shop import alert_of, in_shop
from tests.core.story import Story
from tests.core.test_correlation import matching

LOOK = look(timeout=seconds(400))


def two(*pages: Any, first: str = "warning", second: str = "warning", **rules: Any) -> Story:
    """A domain with two incidents: pod a, then pod b, which a person split off."""
    story = Story(library(*pages, **rules))
    story.alert(pod="a", severity=first)
    story.alert("Slow", pod="b", severity=second)
    story.responds("split", output={"match": 'pod="b"'})
    assert len(story.record.incidents) == 2
    return story


def of(story: Story, pod: str) -> Incident:
    """The incident that shows the alert of a pod."""
    (found,) = [
        each
        for each in story.record.incidents.values()
        if each.status is not IncidentStatus.MERGED and any(view.labels["pod"] == pod for view in each.alerts)
    ]
    return found


def by_id(story: Story, incident_id: str) -> Incident:
    return story.record.incidents[incident_id]


def merge(story: Story, source: Incident, into: Incident, **fields: Any) -> None:
    story.responds("merge", **{"incident_id": source.id, "into_id": into.id, **fields})


def refusals(story: Story) -> list[str]:
    return story.told("ResponseRefused")


# --- merge


def test_the_alerts_go_on_in_the_other_and_the_merged_one_says_where() -> None:
    story = two(first="warning", second="error")
    a, b = of(story, "a"), of(story, "b")
    merge(story, b, a, text="same rack")
    merged, target = by_id(story, b.id), by_id(story, a.id)
    assert (merged.status, merged.reason, merged.merged_into) == (IncidentStatus.MERGED, "by_person", a.id)
    assert (target.firing, target.alert_count, target.severity) == (2, 2, Severity.ERROR)
    assert {view.labels["pod"] for view in target.alerts} == {"a", "b"}
    assert target.labels == {}
    assert [each.text for each in merged.timeline if each.type == "IncidentMerged"] == [
        "bob merged it into 'Crash it is': same rack"
    ]
    assert [each.data["into"] for each in story.put_out(IncidentEvent, type="IncidentMerged")] == [a.id]
    assert [each.data["incident"] for each in story.put_out(IncidentEvent, type="IncidentTakenIn")] == [b.id]


def test_a_person_knows_better_than_a_rule_that_says_never_and_the_merge_says_so() -> None:
    story = two()
    apart = JoinRule("apart", matching('pod="a"'), matching('pod="b"'), join=JoinWord.NEVER)
    story.publish(replace(story.library, hash="never", correlation=CorrelationRules(rules=(apart,))))
    a, b = of(story, "a"), of(story, "b")
    merge(story, b, a, text="same rack")
    assert refusals(story) == []
    (event,) = story.put_out(IncidentEvent, type="IncidentMerged")
    assert event.text == "bob merged it into 'Crash it is', though rule apart says never: same rack"


def test_it_is_as_bad_as_the_worst_that_either_ever_was_and_who_is_paged_for_that_is() -> None:
    story = two(page(LOOK), first="warning", second="warning")
    a, b = of(story, "a"), of(story, "b")
    story.alert("Third", pod="c", severity="critical")
    story.responds("split", incident_id=of(story, "c").id, output={"match": 'pod="c"'})
    story.resolves("Third", pod="c", severity="critical")
    worse = max(story.record.incidents.values(), key=lambda each: each.severity.rank)
    other = b if worse.id == a.id else a
    assert worse.severity is Severity.CRITICAL
    merge(story, by_id(story, worse.id), by_id(story, other.id))
    assert by_id(story, other.id).severity is Severity.CRITICAL
    assert story.told("SeverityRaised")[-1] == "worse_alert"
    assert ringing(by_id(story, other.id)) == ["user:alice"]


def test_its_alerts_end_and_fire_again_in_the_other() -> None:
    story = two()
    a, b = of(story, "a"), of(story, "b")
    merge(story, b, a)
    story.at(10).resolves(pod="a")
    assert by_id(story, a.id).status is not IncidentStatus.RESOLVED
    story.resolves("Slow", pod="b")
    assert by_id(story, a.id).status is IncidentStatus.RESOLVED
    story.at(30).alert("Slow", pod="b", starts=30)
    assert (by_id(story, a.id).reopened, len(story.put_out(IncidentEvent, type="IncidentOpened"))) == (1, 2)


def test_what_people_ask_of_the_merged_one_goes_to_the_other() -> None:
    story = two()
    a, b = of(story, "a"), of(story, "b")
    merge(story, b, a)
    story.responds("acknowledge", incident_id=b.id)
    assert by_id(story, a.id).acknowledged_at is not None
    assert by_id(story, b.id).acknowledged_at is None


def test_answers_for_its_ticket_still_find_it() -> None:
    story = two(second="critical")
    a, b = of(story, "a"), of(story, "b")
    ticket = next(each for each in story.put_out(TicketCommand, op="open") if each.incident_id == b.id)
    merge(story, b, a)
    story.responds(None, incident_id="", object_id=ticket.object_id, external_key="SHOP-7")
    assert by_id(story, b.id).refs == {"ticket": "SHOP-7"}
    told = [each for each in story.put_out(TicketCommand) if each.incident_id == b.id]
    assert [(each.op, each.fields.get("status")) for each in told][-1] == ("transition", "resolved")
    assert a.id in told[-1].text


def test_chat_is_told_in_both_conversations() -> None:
    story = two()
    a, b = of(story, "a"), of(story, "b")
    merge(story, b, a)
    chats = [each for each in story.news if isinstance(each, ChatCommand)]
    assert [(each.op, each.incident_id, each.buttons) for each in chats] == [
        ("update", b.id, []),
        ("reply", a.id, []),
    ]


def test_automation_of_the_merged_one_ends_where_the_other_has_its_own() -> None:
    story = Story(library(page(LOOK, mend())))
    story.alert(pod="a")
    story.alert(pod="b")
    a = story.incident
    story.responds("split", output={"match": 'pod="b"'})
    b = of(story, "b")
    story.responds("run", incident_id=b.id, runbook_id="crash")
    assert by_id(story, b.id).executions
    merge(story, b, a)
    assert [(run.status, run.reason) for run in by_id(story, b.id).executions] == [
        (ExecutionStatus.CANCELLED, "merged")
    ]
    assert [run.status for run in by_id(story, a.id).executions] == [ExecutionStatus.RUNNING]


@pytest.fixture
def beside() -> Story:
    """Two incidents without a runbook, each of which pages somebody; a page that acts may be run for either."""
    story = Story(library(page(mend(), quiet())))
    story.alert("Slow", pod="a")
    story.alert("Slow", pod="b", severity="error")
    story.responds("split", output={"match": 'pod="b"'})
    return story


def test_a_run_goes_on_with_its_timers_permits_and_answers(beside: Story) -> None:
    story = beside
    a, b = of(story, "a"), of(story, "b")
    story.responds("run", incident_id=b.id, runbook_id="crash")
    (command,) = story.put_out(StepCommand, op="run")
    merge(story, b, a)
    assert by_id(story, b.id).executions == []
    assert [run.status for run in by_id(story, a.id).executions] == [ExecutionStatus.RUNNING]
    assert {timer.incident_id for timer in story.record.timers.values() if timer.execution_id} == {a.id}
    story.at(10).answers(command)
    assert by_id(story, a.id).status is IncidentStatus.MITIGATED
    story.resolves("Slow", pod="a")
    story.resolves("Slow", pod="b", severity="error")
    story.at(60)
    assert by_id(story, a.id).status is IncidentStatus.RESOLVED
    assert len(story.put_out(StepCommand, op="run")) == 1
    assert story.control.permits == {}


def test_a_change_that_was_done_counts_as_done_in_the_other(beside: Story) -> None:
    story = beside
    a, b = of(story, "a"), of(story, "b")
    story.responds("run", incident_id=b.id, runbook_id="crash")
    story.answer("mend")
    merge(story, b, a)
    assert by_id(story, a.id).status is IncidentStatus.MITIGATED


def ringing(incident: Incident) -> list[str]:
    return [each.target for each in incident.escalations if each.status is EscalationStatus.NOTIFIED]


def test_one_page_to_each_is_enough(beside: Story) -> None:
    story = beside
    a, b = of(story, "a"), of(story, "b")
    assert (ringing(a), ringing(b)) == (["user:alice"], ["user:alice"])
    merge(story, b, a)
    assert (ringing(by_id(story, a.id)), ringing(by_id(story, b.id))) == (["user:alice"], [])
    stopped = [each for each in story.news if isinstance(each, EscalationCommand) and each.op == "stop"]
    assert [(each.incident_id, each.reason) for each in stopped] == [(b.id, "merged")]


def test_who_rings_for_the_merged_one_alone_rings_on(beside: Story) -> None:
    story = beside
    a, b = of(story, "a"), of(story, "b")
    story.responds("acknowledge", incident_id=a.id)
    other = by_id(story, b.id).escalations[0].model_copy(update={"target": "user:dave", "person_id": "dave"})
    changed = by_id(story, b.id).model_copy(update={"escalations": [other]})
    records = story.world.records
    records[story.domain] = story.record.model_copy(
        update={"incidents": {**story.record.incidents, b.id: changed}}
    )
    merge(story, by_id(story, b.id), by_id(story, a.id))
    assert ringing(by_id(story, a.id)) == ["user:dave"]
    story.responds("acknowledge", incident_id=a.id)
    last = story.put_out(EscalationCommand)[-1]
    assert (last.op, last.object_id, last.incident_id, last.revision) == ("stop", other.id, a.id, 2)


def test_a_page_that_is_to_come_comes_for_the_other() -> None:
    later = Page(PageWhen.AFTER, seconds(100))
    slow = page(
        LOOK, id="slow", path="slow.md", page=later, match=Match(((parse_matcher('alertname="Slow"'),),))
    )
    story = two(page(LOOK), slow)
    a, b = of(story, "a"), of(story, "b")
    merge(story, b, a)
    assert story.at(99).put_out(EscalationCommand) == []
    story.at(100)
    assert [(each.incident_id, each.reason) for each in story.put_out(EscalationCommand)] == [
        (a.id, "page_after")
    ]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"into_id": ""}, "no_incident_named"),
        ({"into_id": "of-another-domain"}, "no_such_incident"),
        ({"into_id": "short"}, "no_such_incident"),
        ({"into_id": "itself"}, "same_incident"),
        ({"into_id": "over"}, "target_is_over"),
    ],
)
def test_what_cannot_be_merged_is_refused_on_the_timeline(fields, reason) -> None:
    story = two()
    a, b = of(story, "a"), of(story, "b")
    if fields["into_id"] == "over":
        story.responds("resolve", incident_id=a.id)
    into = {"itself": b.id, "over": a.id, "short": a.id[:7]}.get(fields["into_id"], fields["into_id"])
    story.responds("merge", incident_id=b.id, into_id=into)
    assert refusals(story) == [reason]
    assert by_id(story, b.id).timeline[-1].reason == reason
    assert by_id(story, b.id).status is not IncidentStatus.MERGED


def test_the_beginning_of_an_id_that_only_one_open_incident_has_names_it() -> None:
    story = two()
    a, b = of(story, "a"), of(story, "b")
    story.responds("merge", incident_id=b.id, into_id=a.id[:8])
    assert (by_id(story, b.id).status, by_id(story, b.id).merged_into) == (IncidentStatus.MERGED, a.id)


def test_live_and_shadow_are_never_merged() -> None:
    story = Story(library(), mode=Mode.SHADOW)
    story.alert(pod="a")
    shadow = story.incident
    story.mode = None
    story.alert(pod="b")
    live = of(story, "b")
    merge(story, live, shadow)
    merge(story, shadow, live)
    assert refusals(story) == ["live_and_shadow"] * 2


def test_a_resolved_incident_cannot_be_merged() -> None:
    story = two()
    a, b = of(story, "a"), of(story, "b")
    story.responds("resolve", incident_id=b.id)
    merge(story, b, a)
    assert refusals(story) == ["not_in_this_state"]


def test_it_leaves_with_the_other_and_a_chain_leads_to_the_last() -> None:
    story = two()
    story.alert("Third", pod="c")
    story.responds("split", incident_id=of(story, "c").id, output={"match": 'pod="c"'})
    a, b, c = of(story, "a"), of(story, "b"), of(story, "c")
    merge(story, a, b)
    merge(story, by_id(story, b.id), c)
    story.responds("resolve", incident_id=a.id)
    assert by_id(story, c.id).status is IncidentStatus.RESOLVED
    story.at(1000)
    assert story.record.incidents == {}
    last = {each.id: each.status for each in story.put_out(IncidentSnapshot)}
    assert last == {a.id: IncidentStatus.MERGED, b.id: IncidentStatus.MERGED, c.id: IncidentStatus.CLOSED}
    story.responds("acknowledge", incident_id=a.id)
    assert [each.reason for each in story.put_out(DeadLetter)] == ["unknown_incident"]


def test_the_record_stays_bounded_however_much_is_merged() -> None:
    story = Story(library())
    story.alert(pod="a")
    for number in range(MERGED + 4):
        story.alert("Slow", pod=f"b{number}")
        story.responds("split", incident_id=of(story, "a").id, output={"match": f'pod="b{number}"'})
        merge(story, of(story, f"b{number}"), of(story, "a"))
    assert len(story.record.incidents) == MERGED + 1
    assert len(dump(story.record)) < 512 * 1024


# --- split


def test_a_split_makes_an_incident_with_a_page_and_a_runbook_of_its_own() -> None:
    slow = page(LOOK, id="slow", path="slow.md", match=Match(((parse_matcher('alertname="Slow"'),),)))
    story = Story(library(page(LOOK), slow))
    story.alert(pod="a")
    story.alert("Slow", pod="b", severity="critical")
    old = story.incident
    story.responds("split", output={"match": ['pod="b"', 'alertname="Slow"']}, text="another rack")
    b = of(story, "b")
    assert (b.title, b.severity, b.firing, b.alert_count) == ("Slow it is", Severity.CRITICAL, 1, 1)
    assert [run.runbook_id for run in b.executions] == ["slow"]
    assert [each.reason for each in b.escalations] == ["critical"]
    left = by_id(story, old.id)
    assert (left.firing, left.alert_count, left.labels["pod"]) == (1, 1, "a")
    assert [each.data["into"] for each in story.put_out(IncidentEvent, type="IncidentSplit")] == [b.id]
    assert "another rack" in str(b.timeline)


@pytest.mark.parametrize("severity", ["warning", "error"])
def test_the_next_alert_of_a_service_that_was_split_off_goes_to_the_new_incident(severity) -> None:
    story = in_shop()
    story.apply(alert_of("db", severity="critical"), alert_of("orders", severity=severity))
    old = story.incident
    story.responds("split", output={"match": 'service="orders"'})
    new = of(story, "orders-1")
    assert sorted(by_id(story, old.id).affected) == ["db"]
    story.at(30).apply(alert_of("orders", "OrdersSlow", severity="warning", starts=30, pod="orders-2"))
    assert of(story, "orders-2").id == new.id


def test_a_service_keeps_what_is_left_of_it_and_the_root_is_sought_among_that() -> None:
    story = in_shop()
    story.apply(
        alert_of("orders"),
        alert_of("orders", "OrdersSlow", pod="orders-2"),
        alert_of("db"),
    )
    assert story.incident.service == "db"
    old = story.incident
    story.responds("split", output={"match": ['service=~"db|orders"', 'pod!="orders-2"']})
    left = by_id(story, old.id)
    assert (sorted(left.affected), left.service) == (["orders"], "orders")


def test_alerts_that_were_split_off_go_on_where_they_are() -> None:
    story = two()
    a, b = of(story, "a"), of(story, "b")
    story.resolves("Slow", pod="b")
    assert by_id(story, b.id).status is IncidentStatus.RESOLVED
    assert by_id(story, a.id).status is IncidentStatus.TRIGGERED


def test_what_is_left_may_be_over() -> None:
    story = Story(library())
    story.alert(pod="a")
    story.alert("Slow", pod="b")
    old = story.incident
    story.resolves(pod="a")
    story.responds("split", output={"match": 'pod="b"'})
    assert by_id(story, old.id).status is IncidentStatus.RESOLVED
    assert of(story, "b").status is IncidentStatus.TRIGGERED


def test_a_runbook_that_ran_before_the_split_is_a_persons_to_run_again() -> None:
    story = Story(library(page(mend())))
    story.alert(pod="a")
    story.alert(pod="b")
    story.responds("split", output={"match": 'pod="b"'})
    b = of(story, "b")
    assert (b.runbook_id, b.executions, b.automation_off) == ("crash", [], True)
    assert [each.reason for each in b.escalations] == ["ran_before_split"]
    assert len(story.put_out(StepCommand, op="run")) == 1


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ({}, "no_such_alert"),
        ({"match": 'pod="nowhere"'}, "no_such_alert"),
        ({"fingerprints": ["0" * 16]}, "no_such_alert"),
        ({"match": "no matcher at all"}, "no_matcher"),
        ({"match": 'severity="warning"'}, "nothing_left"),
        ({"match": 'pod="c"'}, "none_fires"),
    ],
)
def test_what_cannot_be_split_is_refused_on_the_timeline(output, reason) -> None:
    story = Story(library())
    for pod in "abc":
        story.alert(pod=pod)
    story.resolves(pod="c")
    story.responds("split", output=output)
    assert refusals(story) == [reason]
    assert story.incident.alert_count == 3


# --- approvals that fit nothing


def test_an_approval_that_fits_nothing_is_on_the_timeline_of_the_incident_that_it_names() -> None:
    story = Story(library(page(mend())))
    story.alert()
    story.asks("bob", "approve", object_id="stale")
    assert refusals(story) == ["unknown_approval"]
    assert [each.reason for each in story.put_out(DeadLetter)] == ["unknown_approval"]


# --- with what else goes on


def many(count: int) -> tuple[Story, list[Incident]]:
    """So many incidents, each of which keeps others quiet, the oldest first."""
    down, crash = parse_matcher('alertname=~"Down.*"'), parse_matcher('alertname="Crash"')
    story = Story(replace(library(), inhibit=(InhibitRule("down", (down,), (crash,), ("pod",)),)))
    for number in range(count):
        second = 2000 * number
        story.at(second).alert(f"Down{number}", pod=f"p{number}", starts=second)
        if len(story.record.incidents) <= number:
            joined = of(story, f"p{number}")
            story.responds("split", incident_id=joined.id, output={"match": f'pod="p{number}"'})
    assert len(story.record.incidents) == len(story.record.quiet.inhibitors) == count
    return story, sorted(story.record.incidents.values(), key=lambda each: each.opened_at)


def test_of_many_that_are_merged_those_leave_the_record_that_were_merged_first() -> None:
    story, (oldest, target, *others) = many(MERGED + 2)
    for number, each in enumerate([*others, oldest]):
        merge(story.at(30000 + number), each, target)
    assert others[0].id not in story.record.incidents
    story.at(30100).asks("alice", "acknowledge", incident_id=oldest.id)
    assert by_id(story, target.id).acknowledged_at is not None
    assert story.put_out(DeadLetter) == []


def test_the_alerts_of_one_that_is_merged_and_leaves_at_once_keep_others_quiet_in_the_other() -> None:
    story, (target, *others) = many(MERGED + 2)
    for each in sorted(others, key=lambda each: each.id, reverse=True):  # at one moment: by id
        merge(story, each, target)
    assert len(story.record.incidents) == MERGED + 1
    assert len(story.record.quiet.inhibitors) == MERGED + 2


def test_an_alert_that_flaps_is_calm_where_it_is_now() -> None:
    calm = Flapping(changes=4, within=seconds(600), calm=seconds(100))
    story = Story(replace(library(), flapping=calm))
    story.alert(pod="a")
    story.alert("Slow", pod="b")
    story.responds("split", output={"match": 'pod="b"'})
    a, b = of(story, "a"), of(story, "b")
    for second in (10, 20, 30):
        story.at(second).resolves("Slow", pod="b", starts=second - 10, lasts=10)
        story.alert("Slow", pod="b", starts=second)
    story.at(40).resolves("Slow", pod="b", starts=30, lasts=10)
    assert by_id(story, b.id).flapping == 1
    merge(story, b, a)
    assert (by_id(story, b.id).flapping, by_id(story, a.id).flapping, by_id(story, a.id).firing) == (0, 1, 2)
    story.at(200)
    assert (by_id(story, a.id).flapping, by_id(story, a.id).firing) == (0, 1)


def test_the_next_level_comes_in_the_incident_that_goes_on_and_what_was_put_off_is_put_off_there() -> None:
    for wish, fields, due in (("annotate", {"text": "hm"}, 300), ("snooze", {"seconds": 100}, 130)):
        story = two(first="warning", second="warning")
        a, b = of(story, "a"), of(story, "b")
        quiet_one = a.model_copy(update={"escalations": [], "ladders": []})
        incidents = {**story.record.incidents, a.id: quiet_one}
        timers = {id_: timer for id_, timer in story.record.timers.items() if timer.incident_id != a.id}
        record = story.record.model_copy(update={"incidents": incidents, "timers": timers})
        story.world.records[story.domain] = record
        story.at(30).asks("alice", wish, incident_id=b.id, **fields)
        merge(story, b, a)
        (timer,) = story.record.timers.values()
        assert (timer.incident_id, timer.due) == (a.id, story.world.log[0][2] + seconds(due))


def test_who_rings_by_another_name_is_not_rung_twice(beside: Story) -> None:
    story = beside
    a, b = of(story, "a"), of(story, "b")
    other = b.escalations[0].model_copy(update={"target": "team:shop"})
    changed = b.model_copy(update={"escalations": [other]})
    record = story.record.model_copy(update={"incidents": {**story.record.incidents, b.id: changed}})
    story.world.records[story.domain] = record
    merge(story, changed, a)
    assert ringing(by_id(story, a.id)) == ["user:alice"]


def test_who_is_yet_to_be_paged_is_where_the_other_paged_all_in_vain() -> None:
    known = library()
    story = Story(known)
    story.alert("Slow", pod="a", severity="error")
    levels = (Level(("user:alice",), seconds(100)), Level(("user:bob",), seconds(100)))
    policies = {**known.policies, "shop": Policy("shop", levels=levels)}
    story.publish(replace(known, hash="lib2", policies=policies))
    story.at(350).alert("Slow", pod="b", severity="error")
    story.responds("split", output={"match": 'pod="b"'})
    a, b = of(story, "a"), of(story, "b")
    merge(story, b, a)
    assert ringing(by_id(story, a.id)) == ["user:alice"]
    story.at(450)
    assert ringing(by_id(story, a.id)) == ["user:alice", "user:bob"]
