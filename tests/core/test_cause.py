"""The probable root of an incident, its owner, and the changes that are suspected."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.bounds import INCIDENT_CHANGES
from app.core.cause import find_root
from app.core.memory import memory_of_both
from app.core.record import dump
from app.core.suspects import kind_of
from app.model.catalog import Contact, Freeze, Guards, Person
from app.model.commands import ChatCommand, EscalationCommand, StepCommand
from app.model.evidence import Change
from app.model.inputs import Actor, SystemEvent, SystemEventSignal
from app.model.outputs import IncidentEvent
from app.model.policy import Level, Policy
from app.model.runbook import Page
from app.model.words import AnswerStatus, IncidentStatus, PageWhen
from tests.core.estate import look, mend, page, seconds
from tests.core.shop import SERVICES, alert_of, in_shop, shop
from tests.core.story import START, Story


def fires(story: Story, *services: str, every: float = 10, **labels: str) -> Story:
    """The services fire one after the other."""
    for number, service in enumerate(services):
        second = number * every
        story.at(second).apply(alert_of(service, starts=second, **labels))
    return story


def changes(
    story: Story, service: str, kind: str = "deploy", *, ago: float = 0, subject: str = "", source: str = ""
) -> None:
    event = SystemEvent(
        id=f"{kind}-{service}",
        source=source,
        type=kind,
        service=service,
        subject=subject,
        time=story.now - seconds(ago),
    )
    story.happens(SystemEventSignal(event=event), f"system_event:{event.id}")


@pytest.mark.parametrize(
    ("services", "root"),
    [
        (("db",), "db"),
        (("db", "orders", "cart"), "db"),
        (("orders", "db"), "db"),
        (("web", "cart", "orders", "db"), "db"),
        (("cart", "orders", "web"), "orders"),
        (("search", "index", "web"), "index"),
    ],
)
def test_a_cascade_is_one_incident_of_its_cause(services, root) -> None:
    incident = fires(in_shop(), *services).incident
    assert (incident.service, incident.title) == (root, f"{root.title()}Down it is")
    assert incident.team == SERVICES[root][0]


@pytest.mark.parametrize(
    ("machines", "both"),
    [
        (("n1", "n1"), "machine n1"),
        (("n1", "n2"), "several"),
        (("n1", ""), "machine n1"),
        (("", "n1"), "machine n1"),
    ],
)
def test_two_incidents_that_become_one_know_the_machine_of_a_service(machines, both) -> None:
    ours, theirs = (
        fires(in_shop(), "orders", **({"node": name} if name else {})).incident for name in machines
    )
    assert memory_of_both(ours, theirs)["affected"]["orders"].machine == both


def test_a_move_is_seen_and_says_why() -> None:
    story = fires(in_shop(), "orders", "db")
    (event,) = story.put_out(IncidentEvent, type="CauseMoved")
    assert event.text == (
        "orders to db: the other affected service depends on it; its alerts began 10 s after the first"
    )
    assert (event.data["from"], event.data["to"], event.data["team"]) == ("orders", "db", "data")
    assert story.incident.root_reasons == [
        "the other affected service depends on it",
        "its alerts began 10 s after the first",
    ]
    moved = [each for each in story.put_out(ChatCommand) if each.text.startswith("The cause")]
    assert [each.text for each in moved] == [
        f"The cause is probably db: {'; '.join(story.incident.root_reasons)}."
    ]
    assert {each.conversation for each in story.put_out(ChatCommand)} == {"#sales"}, "its conversation stays"


def test_the_new_owner_is_paged_where_the_old_one_was() -> None:
    story = fires(in_shop(), "orders", "db")
    assert [(each.target, each.reason) for each in story.put_out(EscalationCommand)] == [
        ("user:bob", "no_runbook"),
        ("user:dave", "cause_moved"),
    ]


def test_nobody_new_is_paged_where_nobody_was() -> None:
    story = Story(shop(page(look(timeout=seconds(500)))))
    story.apply(alert_of("orders", "Crash"))
    story.at(5).apply(alert_of("db", starts=5))
    assert story.incident.service == "db"
    assert not story.put_out(EscalationCommand)


def test_a_service_without_alerts_may_be_the_cause_of_several_that_need_it() -> None:
    story = in_shop()
    changes(story, "db", "config change")
    fires(story, "orders", "billing")
    assert len(story.record.incidents) == 1, (
        "a shared dependency that was just changed speaks for one incident"
    )
    assert story.incident.service == "db"
    assert story.incident.title == "Db: 2 services that depend on it are affected"
    assert "it has no alert of its own" in story.incident.root_reasons


def test_the_root_stays_where_another_is_hardly_likelier() -> None:
    story = fires(in_shop(), "db", "orders", "cart", "web", "billing")
    assert not story.put_out(IncidentEvent, type="CauseMoved")
    assert story.incident.root_moves == 0


@given(st.permutations(["web", "cart", "orders", "db", "billing"]))
def test_it_does_not_wander(order) -> None:
    story = fires(in_shop(), *order, every=1)
    for incident in story.record.incidents.values():
        assert incident.root_moves <= 3
        found = find_root(incident, story.library)
        assert found is not None
        assert found.service == incident.service, "what was decided is what would be decided again"


@given(st.permutations(sorted(SERVICES)))
def test_the_order_of_the_catalog_does_not_matter(order) -> None:
    story, other = in_shop(), in_shop()
    other.library.services.update({name: other.library.services.pop(name) for name in order})
    for each in (story, other):
        changes(each, "db")
        fires(each, "orders", "billing", "cart")
    assert dump(story.record) == dump(other.record)


# --- whose it is


def test_the_owner_of_a_second_critical_service_is_paged_once() -> None:
    story = in_shop()
    story.apply(alert_of("db", severity="critical"))
    story.at(5).apply(alert_of("orders", starts=5, severity="critical"))
    story.at(6).apply(alert_of("orders", "Other", starts=6, severity="critical"))
    story.at(7).apply(alert_of("billing", starts=7, severity="critical"))
    assert [(each.target, each.reason) for each in story.put_out(EscalationCommand)] == [
        ("user:dave", "no_runbook"),
        ("user:bob", "second_service"),
    ]
    assert story.told("EscalationNoted") == ["second_service"], (
        "billing is bob's as well, who is rung already"
    )
    assert story.incident.affected["orders"].paged


def test_a_second_service_that_is_not_critical_pages_nobody() -> None:
    story = in_shop()
    story.apply(alert_of("db", severity="critical"))
    story.at(5).apply(alert_of("orders", starts=5, severity="error"))
    assert [each.target for each in story.put_out(EscalationCommand)] == ["user:dave"]


@pytest.mark.parametrize(
    ("person", "left"),
    [("dave", ["user:bob"]), ("bob", []), ("stranger", ["user:bob"])],
)
def test_a_second_owner_rings_on_until_one_of_theirs_acknowledges(person, left) -> None:
    story = in_shop()
    story.apply(alert_of("db", severity="critical"))
    story.at(5).apply(alert_of("orders", starts=5, severity="critical"))
    story.at(9).asks(person, "acknowledge")
    assert [each.target for each in story.incident.escalations if each.status == "notified"] == left
    assert story.incident.status is IncidentStatus.ACKNOWLEDGED


def test_a_second_owner_may_acknowledge_their_own_page() -> None:
    story = in_shop()
    story.apply(alert_of("db", severity="critical"))
    story.at(5).apply(alert_of("orders", starts=5, severity="critical"))
    second = story.put_out(EscalationCommand)[-1]
    story.at(9).responds("acknowledge", object_id=second.object_id)
    assert not [each for each in story.incident.escalations if each.status == "notified"]


def second() -> Story:
    """The owners of the database and, as a second service, of orders are paged: bob and erin, bob in two ways, then carol."""
    known = shop()
    first, then = Level(("user:bob", "user:erin"), seconds(300)), Level(("user:carol",), seconds(300))
    levels = (first, replace(then, delay=seconds(60)))
    ways = (Contact("push", "push/bob"), Contact("sms", "sms/bob", seconds(10)))
    people = {
        **known.people,
        "bob": replace(known.people["bob"], contact=ways),
        "erin": Person("erin", "Erin", "pager/erin"),
    }
    policies = {**known.policies, "sales": Policy("sales", levels=levels)}
    story = Story(replace(known, policies=policies, people=people))
    story.apply(alert_of("db", severity="critical"))
    story.at(5).apply(alert_of("orders", starts=5, severity="critical"))
    return story


def whose(story: Story) -> list[str]:
    """Who rings."""
    return [each.person_id for each in story.incident.escalations if each.status == "notified"]


@pytest.mark.parametrize("way", ["push/bob", "sms/bob"])
def test_the_pager_says_by_which_page_a_second_owner_acknowledged_and_all_of_theirs_are_over(way) -> None:
    story = second()
    story.at(20)
    assert whose(story) == ["dave", "bob", "erin", "bob"]
    page = next(each for each in story.put_out(EscalationCommand) if each.contact_ref == way)
    story.responds("acknowledge", object_id=page.object_id, actor=Actor(provider="pager", id="bob"))
    assert whose(story) == []
    story.at(1000)
    assert "carol" not in [each.person_id for each in story.put_out(EscalationCommand)]


def test_an_acknowledgement_for_the_incident_leaves_a_second_owner_who_is_yet_to_be_paged() -> None:
    story = second()
    story.at(20)
    for each in story.put_out(EscalationCommand, op="notify")[1:]:
        status = {"incident_id": "", "status": AnswerStatus.FAILED}
        story.responds(None, object_id=each.object_id, command_id=each.id, **status)
    assert whose(story) == ["dave"]
    story.at(30).asks("dave", "acknowledge")
    story.at(80)
    assert whose(story) == ["carol"]


def test_the_incidents_own_people_are_paged_in_their_time_though_a_second_owner_rings() -> None:
    later = Page(PageWhen.AFTER, timedelta(minutes=3))
    story = Story(shop(page(look(timeout=seconds(500)), page=later)))
    story.apply(alert_of("db", "Crash"))
    story.at(5).apply(alert_of("orders", starts=5, severity="critical"))
    assert [each.person_id for each in story.put_out(EscalationCommand)] == ["bob"]
    story.at(180)
    assert [each.person_id for each in story.put_out(EscalationCommand)] == ["bob", "dave"]


def test_the_owner_of_a_second_service_is_paged_again_when_the_incident_came_back() -> None:
    for first, then in (("db", "orders"), ("orders", "db")):
        story = in_shop()
        story.apply(alert_of("db", severity="critical"))
        story.at(5).apply(alert_of("orders", starts=5, severity="critical"))
        story.at(9).asks("bob", "acknowledge")
        story.at(10).asks("dave", "resolve")
        before = len(story.put_out(EscalationCommand, op="notify"))
        story.at(20).apply(alert_of(first, starts=20, severity="critical"))
        story.at(21).apply(alert_of(then, starts=21, severity="critical"))
        paged = [each.person_id for each in story.put_out(EscalationCommand, op="notify")[before:]]
        assert sorted(paged) == ["bob", "dave"], first


def test_a_freeze_of_the_service_whose_alert_began_a_run_holds_though_the_cause_moved() -> None:
    freeze = Freeze(START, START + timedelta(hours=1), "closing", ("orders",))
    story = Story(shop(page(look(), mend()), guards=Guards(freezes=(freeze,))))
    story.apply(alert_of("orders", "Crash"))
    story.at(5).apply(alert_of("db", starts=5))
    assert story.incident.service == "db"
    story.answer("look")
    assert story.state("mend") == ("running", "frozen")
    assert [each.step for each in story.put_out(StepCommand)] == ["look"]


# --- suspected changes


@pytest.mark.parametrize(
    ("guilty", "innocent"),
    [
        (("db", "deploy", 60), ("orders", "deploy", 60)),
        (("db", "deploy", 60), ("db", "deploy.v1", 1500)),
        (("db", "com.example.Deployed", 60), ("db", "scaling", 60)),
        (("db", "feature_flag", 300), ("index", "deploy", 30)),
        (("disk", "config", 120), ("orders", "deploy", 2000)),
    ],
    ids=[
        "on the root, not on a symptom",
        "just before, not long before",
        "a deploy sooner than a scaling",
        "what has to do with it",
        "beneath the root",
    ],
)
def test_the_guilty_change_comes_first(guilty, innocent) -> None:
    story = in_shop()
    for service, kind, ago in sorted((guilty, innocent), key=lambda each: -each[2]):
        story.at(2500 - ago)
        changes(story, service, kind)
    for number, service in enumerate(("db", "orders", "cart")):
        story.at(2500 + number).apply(alert_of(service, starts=2500 + number))
    assert story.incident.suspects[0].change_id == f"{guilty[1]}-{guilty[0]}"


def test_a_change_that_we_hear_of_late_is_suspected_by_when_it_happened() -> None:
    story = fires(in_shop(), "db")
    story.at(300)
    changes(story, "db", ago=360)
    (suspect,) = story.incident.suspects
    assert suspect.reasons == ["on db, the probable root", "60 s before the first alert", "deploy"]
    assert story.told("ChangeSuspected") == ["same_service"]


def test_each_source_of_changes_has_a_clock_of_its_own() -> None:
    story = in_shop()
    for service in ("index", "search", "cache", "web", "cart"):
        changes(story, service, ago=5, source="//ci/shop")
    story.at(60)
    changes(story, "db", ago=3600 + 5, source="//ci/data")
    story.at(120).apply(alert_of("db", starts=120))
    suspect = story.incident.suspects[0]
    assert (suspect.change_id, suspect.reasons[1]) == ("deploy-db", "60 s before the first alert")


def test_a_change_of_what_fires_is_suspected_sooner_than_one_of_what_is_silent() -> None:
    """The search fails without a path to the root that the catalog knows; the disk beneath that says nothing."""
    story = in_shop()
    changes(story, "search")
    changes(story, "disk", "config")
    story.at(30).apply(*(alert_of(each, starts=30, node="n1") for each in ("db", "search")))
    assert [each.change_id for each in story.incident.suspects] == ["deploy-search", "config-disk"]


def test_a_change_of_an_affected_service_is_suspected_the_more_the_more_of_the_others_need_it() -> None:
    story = in_shop()
    for service in ("web", "cart"):
        changes(story, service)
    fires(story.at(30), "orders", "cart", "web")
    assert [each.change_id for each in story.incident.suspects] == ["deploy-cart", "deploy-web"]
    assert story.incident.suspects[0].reasons[0] == "on cart, which is affected, and which 1 of 2 others need"


def test_what_changes_later_does_not_take_the_place_of_what_was_changed_before() -> None:
    story = in_shop()
    changes(story, "db", "config")
    fires(story.at(30), "db")
    for number in range(INCIDENT_CHANGES + 5):
        story.at(100 + number)
        changes(story, "disk", f"deploy.{number}")
    assert len(story.incident.changes) == INCIDENT_CHANGES
    assert story.incident.suspects[0].change_id == "config-db"


def test_a_change_elsewhere_in_the_domain_is_suspected_a_little_while_it_was_just_before() -> None:
    story = in_shop()
    changes(story, "cache", "config")
    story.at(2000)
    changes(story, "island")
    story.at(2060).apply(alert_of("db", starts=2060))
    (suspect,) = story.incident.suspects
    assert suspect.reasons[0] == "on island, in the same domain, with no dependency known"
    assert suspect.score < 0.2


def test_a_change_after_the_first_alert_is_hardly_suspected_and_one_elsewhere_not_at_all() -> None:
    story = in_shop()
    changes(story, "db", "config", ago=30)
    fires(story, "db")
    story.at(300)
    changes(story, "db", "deploy")
    changes(story, "island", "deploy")
    assert [each.change_id for each in story.incident.suspects] == ["config-db", "deploy-db"]
    assert story.incident.suspects[1].score < 0.4
    assert "deploy-island" not in {each.id for each in story.incident.changes}


def test_what_happened_to_a_thing_that_alerts_name_is_suspected() -> None:
    story = in_shop()
    changes(story, "nodes", "node.drained", subject="nodes/n7")
    fires(story, "db", node="n7")
    assert story.incident.suspects[0].reasons[0] == "on machine n7, which its alerts name"


@pytest.mark.parametrize(
    ("machine", "is_said"), [("island-7", True), ("island-7.example.com", True), ("island-db-7", False)]
)
def test_a_change_of_the_pool_that_a_machine_is_called_after_is_suspected(machine, is_said) -> None:
    story = in_shop()
    changes(story, "island", "scaling")
    fires(story, "db", node=machine)
    said = [each.reasons[0] for each in story.incident.suspects]
    assert (f"on island, to which machine {machine} seems to belong" in said) == is_said


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("deploy", "deploy"),
        ("com.github.deployment.created", "deploy"),
        ("argocd.rollout", "deploy"),
        ("config_change", "config change"),
        ("LaunchDarkly flag toggled", "feature flag"),
        ("failover", "failover"),
        ("autoscaling", "scaling"),
        ("node.cordoned", "node lifecycle"),
        ("coffee", "coffee"),
    ],
)
def test_types_are_the_sources_own_words(words, kind) -> None:
    assert kind_of(Change(id="c", type=words, at=START))[0] == kind
