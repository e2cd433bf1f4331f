"""Young incidents that an alert ties together become one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.core.bounds import APART, SAMPLE_ALERTS
from app.model.catalog import Service
from app.model.commands import EscalationCommand
from app.model.correlation import CorrelationRules, JoinRule, JoinWord
from app.model.outputs import IncidentEvent
from app.model.runbook import Page
from app.model.words import IncidentStatus, PageWhen
from tests.core.estate import look, page, seconds
from tests.core.shop import alert_of, in_shop, shop
from tests.core.story import START, Story
from tests.core.test_cause import changes
from tests.core.test_correlation import matching


def ties(story: Story, *, after: float = 10, severity: str = "error") -> Story:
    """Orders and billing fire, whose database is the cause; then that fires too."""
    story.apply(alert_of("orders", severity=severity, cluster="eu"))
    story.at(1).apply(alert_of("billing", starts=1, severity=severity, cluster="eu"))
    assert len(story.record.incidents) == 2
    story.at(after).apply(alert_of("db", starts=after, cluster="eu"))
    return story


def by_status(story: Story) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in story.record.incidents.values():
        found.setdefault(each.status.value, []).append(each.service)
    return found


def test_the_alert_of_their_cause_makes_two_incidents_one() -> None:
    story = ties(in_shop())
    (going_on,) = [
        each for each in story.record.incidents.values() if each.status is IncidentStatus.TRIGGERED
    ]
    (merged,) = [each for each in story.record.incidents.values() if each.status is IncidentStatus.MERGED]
    assert (going_on.home, going_on.service, going_on.firing) == ("orders", "db", 3)
    assert (merged.home, merged.merged_into, merged.reason) == ("billing", going_on.id, "tied_by_alert")
    assert sorted(going_on.affected) == ["billing", "db", "orders"]
    (event,) = story.put_out(IncidentEvent, type="IncidentTakenIn")
    assert "DbDown of db ties them: billing depends on db +0.40" in event.text
    assert "; orders depends on db +0.40" in event.text


@pytest.mark.parametrize(("count", "every"), [(4, 1), (4, 0), (12, 0.1), (12, 0)])
def test_any_number_of_them_become_one(count, every) -> None:
    story, names = in_shop(), [f"svc{n:02}" for n in range(count)]
    made = {each: Service(each, team="sales", system="shop", depends_on=("db",)) for each in names}
    story.publish(replace(story.library, hash="more", services={**story.library.services, **made}))
    for n, each in enumerate(names):
        story.at(n * every).apply(alert_of(each, cluster="eu"))
    assert len(story.record.incidents) == count
    story.at(5).apply(alert_of("db", cluster="eu"))
    assert len(by_status(story)["triggered"]) == 1
    (going_on,) = [
        each for each in story.record.incidents.values() if each.status is IncidentStatus.TRIGGERED
    ]
    assert going_on.firing == count + 1
    assert going_on.opened_at == START, "the oldest goes on"
    merged = story.put_out(IncidentEvent, type="IncidentMerged")
    assert len({each.incident_id for each in merged}) == len(merged) == count - 1
    into = [each for each in story.record.incidents.values() if each.status is IncidentStatus.MERGED]
    assert {each.merged_into for each in into} == {going_on.id}
    last = max(into, key=lambda each: each.opened_at)
    story.responds("acknowledge", incident_id=last.id)
    assert story.record.incidents[going_on.id].acknowledged_at, "what is asked of one of them finds it"


@pytest.mark.parametrize(
    "story",
    [
        ties(in_shop(), after=100),
        ties(in_shop(correlation=CorrelationRules(merge_at=2))),
        ties(in_shop(correlation=CorrelationRules(merge_within=seconds(5)))),
    ],
    ids=["too little speaks for both by then", "more is asked for", "they are not young any more"],
)
def test_they_stay_two_otherwise(story) -> None:
    assert len(by_status(story)["triggered"]) >= 2
    assert "merged" not in by_status(story)


def never(first: str, then: str, *equal: str, within: float | None = None) -> CorrelationRules:
    """A rule that keeps two alerts apart."""
    apart = seconds(within) if within is not None else None
    rule = JoinRule("apart", matching(first), matching(then), equal, apart, JoinWord.NEVER)
    return CorrelationRules(rules=(rule,))


ORDERS, BILLING = 'alertname="OrdersDown"', 'alertname="BillingDown"'


@pytest.mark.parametrize(
    ("rules", "merges"),
    [
        (never(ORDERS, BILLING), False),
        (never(BILLING, ORDERS), False),
        (never(ORDERS, BILLING, "cluster"), False),
        (never(ORDERS, BILLING, "pod"), True),
        (never(ORDERS, BILLING, within=1), False),
        (never(ORDERS, BILLING, within=0.5), True),
        (never(ORDERS, 'alertname="Other"'), True),
    ],
    ids=["apart", "whichever came first", "equal", "not equal", "near", "not near", "of another alert"],
)
def test_a_rule_that_says_never_of_alerts_of_both_wins(rules, merges) -> None:
    story = ties(in_shop(correlation=rules))
    assert ("merged" in by_status(story)) is merges


@pytest.mark.parametrize(
    "pair", [("orders", "billing"), ("orders", "refunds"), ("billing", "refunds")], ids=" ".join
)
def test_a_rule_that_says_never_holds_for_what_was_merged_just_before(pair) -> None:
    """Of three that one alert ties, two become one at most, whichever of them it joins."""
    rules = never(*(f'service="{each}"' for each in pair))
    estate = shop(correlation=rules)
    refunds = replace(estate.services["billing"], id="refunds")
    story = Story(replace(estate, services={**estate.services, "refunds": refunds}))
    story.apply(*(alert_of(each, cluster="eu") for each in ("orders", "billing", "refunds")))
    story.at(1).apply(alert_of("db", starts=1, cluster="eu"))
    assert {word: len(each) for word, each in by_status(story).items()} == {"triggered": 2, "merged": 1}
    assert not any(set(pair) <= set(each.affected) for each in story.record.incidents.values())


@pytest.mark.parametrize(
    ("services", "labels", "merge_at", "last"),
    [
        (("orders", "billing", "db"), {}, None, 44),
        (("orders", "billing", "db"), {"name": "Errors", "cluster": "eu"}, None, 97),
        (("orders", "billing", "db"), {}, 1.05, 0),
        (("cart", "search", "web"), {}, None, 161),
    ],
    ids=["what both depend on", "with equal labels", "with merge_at 1.05", "what depends on both"],
)
def test_how_much_later_an_alert_still_ties_two_together(services, labels, merge_at, last) -> None:
    """As docs/correlation.md says it."""
    for after in (last, last + 1):
        rules = CorrelationRules() if merge_at is None else CorrelationRules(merge_at=merge_at)
        story = in_shop(correlation=rules)
        story.apply(*(alert_of(each, **labels) for each in services[:2]))
        story.at(after).apply(alert_of(services[2], starts=after, **labels))
        assert ("merged" in by_status(story)) is (after == last)


def prevented(story: Story) -> dict[str, list[IncidentEvent]]:
    """What each incident, by the service that it was opened for, says of merges that a rule prevented."""
    found: dict[str, list[IncidentEvent]] = {}
    for each in story.put_out(IncidentEvent, type="MergePrevented"):
        found.setdefault(story.record.incidents[each.incident_id].home, []).append(each)
    return found


@pytest.mark.parametrize(
    ("rules", "tie"),
    [
        (never(ORDERS, BILLING), "tied_by_alert"),
        (never(BILLING, ORDERS), "tied_by_alert"),
        (never(BILLING, 'alertname=~"Db.*"'), "tied_by_alert"),
        (never(ORDERS, 'alertname="Other"'), ""),
        (CorrelationRules(merge_at=2, rules=never(ORDERS, BILLING).rules), ""),
    ],
    ids=[
        "apart",
        "whichever came first",
        "the alert that ties them",
        "of another alert",
        "nothing ties them",
    ],
)
def test_a_merge_that_a_rule_prevents_is_told_once_on_both(rules, tie) -> None:
    story = ties(in_shop(correlation=rules))
    story.at(15).apply(alert_of("db", "DbSlow", starts=15, cluster="eu"))
    story.at(20).apply(alert_of("db", "DbFull", starts=20, cluster="eu"))
    told = prevented(story)
    assert {home: len(each) for home, each in told.items()} == ({"orders": 1, "billing": 1} if tie else {})
    for home, other in (("orders", "billing"), ("billing", "orders")) if tie else ():
        (event,) = told[home]
        (apart,) = [each for each in story.record.incidents.values() if each.home == other]
        assert event.reason == "rule"
        assert event.data == {"incident": apart.id, "rule": "apart", "tie": tie}
        assert event.text.startswith("rule apart says never, so it stays apart from '")
        assert "DbDown of db ties them: " in event.text
        (line,) = [each for each in apart.timeline if each.type == "MergePrevented"]
        assert line.text.startswith("rule apart says never")


def test_a_rule_of_the_alert_that_ties_them_wins_though_no_incident_shows_that_alert() -> None:
    story = in_shop(correlation=never(BILLING, 'alertname="DbDown"'))
    story.apply(*(alert_of("orders", pod=f"p{n}", cluster="eu") for n in range(SAMPLE_ALERTS)))
    story.at(1).apply(alert_of("billing", starts=1, cluster="eu"))
    story.at(10).apply(alert_of("db", starts=10, cluster="eu"))
    assert "merged" not in by_status(story)
    assert sorted(prevented(story)) == ["billing", "orders"]


def test_a_merge_by_a_change_that_a_rule_prevents_is_told_once_on_both() -> None:
    story = broken("db", NEED_DB, correlation=never(ORDERS, BILLING))
    changes(story, "cache")
    told = prevented(story)
    assert {home: len(each) for home, each in told.items()} == {"orders": 1, "billing": 1}
    assert told["orders"][0].data["tie"] == "tied_by_change"
    assert "deploy of db, which all that they affect needs" in told["orders"][0].text


def test_a_rule_that_says_always_prevents_nothing_and_merges_nothing() -> None:
    """It settles which incident an alert joins: of two that it names, the likelier."""
    every = JoinRule("all", matching('service=~".+"'), matching('alertname="DbDown"'), join=JoinWord.ALWAYS)
    story = ties(in_shop(correlation=CorrelationRules(rules=(every,))))
    assert len(by_status(story)["triggered"]) == 2
    assert not prevented(story)


def test_an_incident_names_so_many_that_a_rule_keeps_it_apart_from_and_no_more() -> None:
    story = in_shop(correlation=never('service=~".+"', 'service=~".+"'))
    names = [f"svc{n:02}" for n in range(12)]
    made = {each: Service(each, team="sales", system="shop", depends_on=("db",)) for each in names}
    story.publish(replace(story.library, hash="more", services={**story.library.services, **made}))
    for each in names:
        story.apply(alert_of(each, cluster="eu"))
    changes(story, "db", ago=5)
    told = prevented(story)
    assert sorted(told) == names
    assert max(len(each) for each in told.values()) == APART
    assert all(len(each.apart_from) <= APART for each in story.record.incidents.values())


def test_what_a_person_split_off_stays_apart() -> None:
    story = in_shop()
    story.apply(alert_of("db"), alert_of("orders"), alert_of("billing"))
    story.responds("split", output={"match": 'service="billing"'})
    story.at(5).apply(alert_of("db", "DbSlow", starts=5, pod="db-2"))
    assert "merged" not in by_status(story)
    assert len(story.record.incidents) == 2


@pytest.mark.parametrize("after", [10, 44])
def test_the_owner_of_a_critical_incident_that_is_merged_was_paged(after) -> None:
    story = ties(in_shop(), after=after, severity="critical")
    assert len(by_status(story)["merged"]) == 1
    notified = [each.target for each in story.put_out(EscalationCommand, op="notify")]
    assert notified.count("user:bob") == 2, "each of the two paged its owner when it was opened"
    rung = [each for each in story.record.incidents.values() if each.status is IncidentStatus.TRIGGERED]
    assert [each.target for each in rung[0].escalations if each.status == "notified"] == [
        "user:bob",
        "user:dave",
    ]


@pytest.mark.parametrize("after", [10, 100, 161])
def test_each_owner_of_critical_services_that_become_one_incident_is_paged(after) -> None:
    story = in_shop()
    story.apply(alert_of("orders", severity="critical"), alert_of("cache", severity="critical"))
    story.at(after).apply(alert_of("cart", starts=after, severity="critical"))
    assert len(by_status(story)["merged"]) == 1
    notified = [each.target for each in story.put_out(EscalationCommand, op="notify")]
    assert sorted(notified) == ["user:alice", "user:bob", "user:dave"]
    (going_on,) = [
        each for each in story.record.incidents.values() if each.status is IncidentStatus.TRIGGERED
    ]
    rings = [each.target for each in going_on.escalations if each.status == "notified"]
    assert sorted(rings) == sorted(notified), "all of them ring on"


def test_the_owner_of_a_critical_incident_that_only_its_runbook_saw_to_is_paged_when_it_is_merged() -> None:
    story = Story(shop(page(look(timeout=seconds(500)), page=Page(PageWhen.ON_FAILURE))))
    story.apply(alert_of("orders", severity="critical"))
    story.at(1).apply(alert_of("cache", "Crash", starts=1, severity="critical"))
    paged = [(each.target, each.reason) for each in story.put_out(EscalationCommand, op="notify")]
    assert paged == [("user:bob", "no_runbook")]
    story.at(10).apply(alert_of("cart", starts=10))
    assert len(by_status(story)["merged"]) == 1
    paged = [(each.target, each.reason) for each in story.put_out(EscalationCommand, op="notify")]
    assert paged[1:] == [("user:dave", "second_service")]


NEED_DB = (("orders", 0), ("billing", 50), ("cart", 55))
"""What needs the database, and when it fires: it keeps silent itself."""
BESIDE = (("cache", 0), ("orders", 20), ("db", 21), ("billing", 25))
"""A service that some need, and others for which nobody wrote down that they need it."""


def broken(
    changed: str,
    fires: tuple[tuple[str, float], ...],
    *,
    ago: float = 30,
    severity: str = "error",
    correlation: CorrelationRules | None = None,
) -> Story:
    """A change, if any, and then what fires, one after the other."""
    story = in_shop(correlation=correlation)
    if changed:
        changes(story, changed)
    for service, after in fires:
        story.at(ago + after).apply(alert_of(service, starts=ago + after, severity=severity))
    return story


@pytest.mark.parametrize(
    ("changed", "fires"),
    [
        ("db", NEED_DB),
        ("db", (("cart", 0), ("billing", 50), ("orders", 55))),
        ("disk", NEED_DB),
        ("cache", BESIDE),
    ],
    ids=["all need it", "in another order", "further below", "it failed itself"],
)
def test_a_change_that_explains_two_incidents_makes_them_one(changed, fires) -> None:
    story = broken(changed, fires)
    (merged,) = [each for each in story.record.incidents.values() if each.status is IncidentStatus.MERGED]
    (kept,) = [each for each in story.record.incidents.values() if each.status is IncidentStatus.TRIGGERED]
    assert (merged.reason, merged.merged_into) == ("tied_by_change", kept.id)
    assert sorted(kept.affected) == sorted(service for service, _ in fires)
    (event,) = story.put_out(IncidentEvent, type="IncidentMerged")
    assert f"deploy of {changed}, which" in event.text


@pytest.mark.parametrize(
    ("changed", "fires", "correlation"),
    [
        ("", NEED_DB, None),
        ("", BESIDE, None),
        ("db", NEED_DB, CorrelationRules(merge_suspect_at=1.1)),
        ("cache", BESIDE, CorrelationRules(merge_suspect_at=1.1)),
        ("db", NEED_DB, never(ORDERS, BILLING)),
    ],
    ids=["unchanged", "beside, unchanged", "more is asked for", "beside, more is asked for", "never"],
)
def test_without_a_change_or_against_the_rules_they_stay_two(changed, fires, correlation) -> None:
    story = broken(changed, fires, correlation=correlation)
    assert {word: len(each) for word, each in by_status(story).items()} == {"triggered": 2}


def test_a_change_that_is_told_after_the_alerts_makes_them_one_as_well() -> None:
    story = broken("", NEED_DB, ago=0)
    assert "merged" not in by_status(story)
    story.at(60)
    changes(story, "db", ago=65)
    assert {word: len(each) for word, each in by_status(story).items()} == {"triggered": 1, "merged": 1}


@pytest.mark.parametrize("label", range(8))
def test_any_number_of_incidents_that_a_change_explains_become_one(label) -> None:
    """More of them than a record remembers of merged ones; which of those it drops depends on their ids."""
    story, names = in_shop(), [f"svc{n:02}" for n in range(14)]
    under = {each: ("db", *(f"own-{each}-{n}" for n in range(3))) for each in names}
    made = {each: Service(each, team="sales", system="shop", depends_on=under[each]) for each in names}
    story.publish(replace(story.library, hash="more", services={**story.library.services, **made}))
    for n, each in enumerate(names):
        story.at(30 + n / 10).apply(alert_of(each, starts=30 + n / 10, cluster=f"c{label}"))
    assert len(by_status(story)["triggered"]) == len(names)
    story.at(40)
    changes(story, "db", ago=40)
    assert len(by_status(story)["triggered"]) == 1
    (kept,) = [each for each in story.record.incidents.values() if each.status is IncidentStatus.TRIGGERED]
    assert (kept.firing, kept.service) == (len(names), "db")


CROWD = (("island", "n1"), ("cart", "n1"), ("index", "n1"))
WARNING = 'severity="warning"'


def crowd(
    fires: tuple[tuple[str, str], ...] = CROWD, *, correlation: CorrelationRules | None = None
) -> Story:
    """Warnings of what does not need one another, two minutes apart, each from a machine."""
    story = in_shop(correlation=correlation)
    for number, (service, machine) in enumerate(fires):
        named = {"node": machine} if machine else {}
        after = 120 * number
        story.at(after).apply(alert_of(service, starts=after, severity="warning", **named))
    return story


def test_what_crowds_one_machine_becomes_one_when_a_third_service_fires_there() -> None:
    assert by_status(crowd(CROWD[:2])) == {"triggered": ["island", "cart"]}
    story = crowd()
    (kept,) = [each for each in story.record.incidents.values() if each.status is IncidentStatus.TRIGGERED]
    merged = [each for each in story.record.incidents.values() if each.status is IncidentStatus.MERGED]
    assert {(each.reason, each.merged_into) for each in merged} == {("tied_by_machine", kept.id)}
    assert (kept.service, sorted(kept.affected)) == ("island", ["cart", "index", "island"])
    first, *_ = story.put_out(IncidentEvent, type="IncidentTakenIn")
    assert first.text.endswith("machine n1, where 3 services fire, and they on no other")


def test_a_service_whose_machine_is_told_later_counts_from_then_on() -> None:
    story = crowd((("island", "n1"), ("cart", "n1"), ("index", "")))
    assert by_status(story) == {"triggered": ["island", "cart", "index"]}
    story.at(250).apply(alert_of("index", "IndexSlow", starts=250, severity="warning", node="n1"))
    assert len(by_status(story)["triggered"]) == 1


@pytest.mark.parametrize(
    ("fires", "correlation"),
    [
        ((("island", "n1"), ("cart", "n2"), ("index", "n1")), None),
        (CROWD, CorrelationRules(merge_crowd=4)),
        (CROWD, CorrelationRules(merge_crowd=0)),
        (CROWD, never(WARNING, WARNING)),
    ],
    ids=["two machines", "more are asked for", "switched off", "never"],
)
def test_with_several_machines_or_against_the_rules_they_stay_apart(fires, correlation) -> None:
    assert len(by_status(crowd(fires, correlation=correlation))["triggered"]) == len(fires)
