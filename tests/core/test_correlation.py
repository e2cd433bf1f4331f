"""Which incident an alert joins, and what speaks for it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.bounds import MEMBERS, OPEN_INCIDENTS, OWN_MEMBERS
from app.core.memory import entities_of
from app.core.record import dump
from app.model.catalog import Service
from app.model.commands import ChatCommand, EscalationCommand
from app.model.correlation import WEIGHTS, CorrelationRules, JoinRule, JoinWord
from app.model.matchers import Match, parse_matcher
from app.model.outputs import IncidentEvent
from app.model.words import AlertStatus, IncidentStatus, Mode
from tests.core.estate import library, seconds
from tests.core.shop import SERVICES, alert_of, in_shop, shop
from tests.core.story import DOMAIN, Story

ENTITY_LABELS = CorrelationRules().entity_labels


def matching(*lines: str) -> Match:
    return Match((tuple(map(parse_matcher, lines)),))


@pytest.mark.parametrize(
    ("first", "then", "after", "reason"),
    [
        (alert_of("db"), alert_of("db", "DbSlow", pod="db-2"), 5, "same_service"),
        (alert_of("db"), alert_of("orders"), 5, "depends_on"),
        (alert_of("orders"), alert_of("db"), 5, "depended_on"),
        (alert_of("db"), alert_of("cart"), 5, "depends_on"),
        (alert_of("db"), alert_of("web"), 5, "depends_on"),
        (alert_of("db", severity="warning"), alert_of("orders", severity="warning"), 5, None),
        (alert_of("db", severity="warning"), alert_of("orders"), 0, None),
        (alert_of("orders"), alert_of("db", severity="warning"), 5, "depended_on"),
        (alert_of("db"), alert_of("orders", severity="info"), 0, None),
        (alert_of("db"), alert_of("orders"), 300, None),
        (alert_of("db", node="n7"), alert_of("island", node="n7"), 5, "same_entity"),
        (alert_of("db", node="n7"), alert_of("island", instance="n7:9100"), 5, None),
        (alert_of("db", node="n7"), alert_of("island", instance="n7:9100", pod=""), 5, "same_entity"),
        (alert_of("db"), alert_of("island"), 0, None),
        (alert_of("cart"), alert_of("search"), 0, None),
        (alert_of("db"), alert_of("orders"), 3600, None),
        (alert_of("db"), alert_of("db", "Other", pod="db-2"), 7200, None),
        (alert_of("db"), alert_of("db", pod="db-2"), 7200, "same_service"),
    ],
    ids=[
        "the same service",
        "what depends on it",
        "what it depends on",
        "two steps away",
        "three steps away",
        "two warnings on a path",
        "what depends on a service that raised a single warning",
        "a warning of what it depends on",
        "what is for information, on a path",
        "a path, five minutes later",
        "the same machine",
        "an instance is an exporter's where a pod is named",
        "a machine by its port",
        "nothing to do with one another, at the same moment",
        "two that one service depends on",
        "a path, an hour later",
        "the same service, another trouble, hours later",
        "the same service and the same trouble, hours later",
    ],
)
def test_an_alert_joins_by_what_speaks_for_it(first, then, after, reason) -> None:
    story = in_shop()
    story.apply(first)
    begins = {"starts_at": story.now + seconds(after)}
    alert = then.body.alert.model_copy(update=begins)
    later = then.model_copy(
        update={"identity": "then", "body": then.body.model_copy(update={"alert": alert})}
    )
    story.at(after).apply(later)
    if reason is None:
        assert len(story.record.incidents) == 2
        assert [each.reason for each in story.put_out(IncidentEvent, type="IncidentOpened")] == [
            "first_alert",
            "unrelated",
        ]
    else:
        assert story.incident.alert_count == 2
        assert story.told("AlertJoined") == [reason]


def test_the_event_says_what_spoke_for_it_and_how_much() -> None:
    story = in_shop()
    story.apply(alert_of("db"))
    story.at(60).apply(alert_of("orders", starts=60))
    (event,) = story.put_out(IncidentEvent, type="AlertJoined")
    assert event.text == "OrdersDown: orders depends on db +0.50, error beside error +0.30, 60 s apart +0.28"
    assert {name: event.data[name] for name in ("score", "depends_on", "near_in_time", "fingerprint")} == {
        "score": "1.0843",
        "depends_on": "0.5",
        "near_in_time": "0.2843",
        "fingerprint": next(reversed(story.incident.members)),
    }
    assert event.text in [line.text for line in story.incident.timeline]


def test_what_opens_beside_another_says_why_it_is_not_of_that() -> None:
    story = in_shop()
    story.apply(alert_of("db"))
    story.apply(alert_of("island"))
    opened = story.put_out(IncidentEvent, type="IncidentOpened")[-1]
    assert opened.text == "IslandDown it is; not of 'DbDown it is': error beside error +0.30, 0 s apart +0.35"
    assert opened.data["score"] == "0.65"


def test_of_several_incidents_the_likeliest_is_joined() -> None:
    story = in_shop()
    story.apply(alert_of("db"))
    story.apply(alert_of("index"))
    story.at(5).apply(alert_of("search", starts=5))
    joined = story.put_out(IncidentEvent, type="AlertJoined")[-1]
    assert story.record.incidents[joined.incident_id].service == "index"


def test_several_warnings_of_a_service_may_say_why_one_that_depends_on_it_fails() -> None:
    story = in_shop()
    story.apply(alert_of("db", severity="warning"), alert_of("db", severity="warning", pod="db-2"))
    story.apply(alert_of("orders"))
    assert story.told("AlertJoined") == ["same_service", "depends_on"]


def test_a_warning_that_joined_a_grave_incident_draws_no_others_in() -> None:
    story = in_shop()
    story.apply(alert_of("orders"), alert_of("db", severity="warning"))
    assert story.told("AlertJoined") == ["depended_on"]
    story.apply(alert_of("billing"))
    opened = story.put_out(IncidentEvent, type="IncidentOpened")[-1]
    assert "not of 'DbDown it is': billing depends on db +0.50, error beside warning +0.12" in opened.text


def test_of_several_ties_the_one_that_says_most_counts_with_both_severities() -> None:
    story = in_shop()
    story.apply(
        alert_of("web"), alert_of("search", severity="warning"), alert_of("index", severity="warning")
    )
    joined = story.put_out(IncidentEvent, type="AlertJoined")[-1]
    assert "web depends on index, 2 steps away +0.36, warning beside error +0.30" in joined.text


@pytest.mark.parametrize(("users", "said"), [(3, 0.2), (7, 0.1)])
def test_a_change_ties_two_services_the_less_the_more_depend_on_what_was_changed(users, said) -> None:
    made = shop()
    others = {f"s{number}": Service(f"s{number}", depends_on=("cache",)) for number in range(users)}
    story = Story(replace(made, services={**made.services, **others}), domain=DOMAIN)
    story.deploys("cache")
    story.apply(alert_of("cart"), alert_of("s1"))
    told = [each.text for each in story.put_out(IncidentEvent)]
    assert any(f"deploy of cache may be the cause of both +{said:.2f}" in text for text in told)


class Catalog(dict[str, Service]):
    """Services that count how often all of them are looked through."""

    walks = 0

    def values(self):
        self.walks += 1
        return super().values()


def test_an_alert_that_is_weighed_does_not_look_through_the_whole_catalog() -> None:
    users = {f"s{number}": Service(f"s{number}", depends_on=("cache", "index")) for number in range(30)}
    library = replace(shop(), services=Catalog({**shop().services, **users}))
    story = Story(library, domain=DOMAIN)
    for number in range(12):
        story.apply(alert_of(f"s{number}"))
    assert len(story.record.incidents) > 1
    assert library.services.walks == 1


def test_an_alert_stays_with_the_grave_incident_of_its_service_though_it_shares_a_machine_with_another() -> (
    None
):
    story = in_shop()
    story.apply(alert_of("cart", severity="critical"), alert_of("index", severity="warning", node="n7"))
    story.at(200).apply(alert_of("index", "IndexDown", starts=200, node="n7"))
    story.at(200).apply(alert_of("cart", "CartSlow", severity="warning", starts=200, node="n7", pod="cart-2"))
    assert story.told("AlertJoined") == ["same_service", "same_service"]
    assert len(story.record.incidents) == 2


def test_an_alert_leaves_a_mere_warning_of_its_service_for_what_happens_on_its_machine() -> None:
    story = in_shop()
    story.apply(alert_of("cart", severity="warning"), alert_of("index", severity="warning", node="n7"))
    story.at(150).apply(alert_of("index", "IndexDown", starts=150, node="n7", severity="warning", pod="i2"))
    story.at(150).apply(alert_of("cart", "CartSlow", severity="warning", starts=150, node="n7", pod="cart-2"))
    assert story.told("AlertJoined") == ["same_service", "same_entity"]


@pytest.mark.parametrize(
    ("first", "told"),
    [
        (alert_of("cart"), ["same_service"]),
        (alert_of("cart", node="n7"), ["same_service", "same_entity"]),
        (alert_of("cart", severity="warning"), ["same_service", "same_entity"]),
    ],
    ids=["it began elsewhere", "it began there", "it is a mere warning"],
)
def test_a_machine_that_only_a_later_alert_names_ties_nobody_to_a_grave_incident(first, told) -> None:
    story = in_shop()
    story.apply(first)
    story.at(5).apply(alert_of("cart", "CartPod", starts=5, severity="warning", node="n7", pod="cart-2"))
    story.at(6).apply(alert_of("island", starts=6, node="n7"))
    assert story.told("AlertJoined") == told


def test_a_machine_that_two_services_of_an_incident_name_ties_a_third_to_it() -> None:
    story = in_shop()
    story.apply(alert_of("cart"))
    story.at(5).apply(alert_of("cart", "CartPod", starts=5, node="n7", pod="cart-2"))
    story.at(6).apply(alert_of("web", starts=6, node="n7"), alert_of("island", starts=6, node="n7"))
    assert story.told("AlertJoined") == ["same_service", "depends_on", "same_entity"]


def test_a_single_warning_that_came_again_still_broke_nobody() -> None:
    story = in_shop()
    disk = {"name": "DiskFills", "severity": "warning", "pod": "db-1"}
    story.apply(alert_of("db", **disk), alert_of("db", "DbSlow", severity="warning", pod="db-1"))
    assert story.told("AlertJoined") == ["same_service"]
    story.at(1).apply(alert_of("orders", starts=1))
    assert story.told("AlertJoined") == ["same_service", "depends_on"]
    again = in_shop()
    again.apply(alert_of("db", **disk))
    again.at(60).apply(*_resolved(alert_of("db", **disk)))
    again.at(90).apply(alert_of("db", starts=90, **disk))
    assert again.incident.affected["db"].count > 1
    again.at(95).apply(alert_of("orders", starts=95))
    assert again.told("AlertJoined") == []


def test_an_alert_is_not_held_by_warnings_of_its_service_though_another_there_is_worse() -> None:
    """The incident of the web is grave by the web alone: the cart, beneath it, only warned."""
    story = in_shop()
    story.apply(alert_of("web", severity="critical"), alert_of("cart", severity="warning"))
    story.at(150).apply(alert_of("index", "IndexDown", starts=150, node="n7", severity="warning", pod="i2"))
    story.at(150).apply(alert_of("cart", "CartSlow", severity="warning", starts=150, node="n7", pod="cart-2"))
    assert story.told("AlertJoined") == ["depended_on", "same_entity"]


def test_an_alert_that_comes_late_is_judged_by_its_beginning() -> None:
    story = in_shop()
    story.apply(alert_of("db"))
    story.at(1500).apply(alert_of("orders", starts=20))
    assert story.told("AlertJoined") == ["depends_on"]


def test_what_is_decided_live_never_joins_an_incident_in_shadow() -> None:
    story = in_shop(mode=Mode.AUTO)
    story.mode = Mode.SHADOW
    story.apply(alert_of("db"))
    story.mode = None
    story.apply(alert_of("db", "Other"))
    assert sorted(each.mode for each in story.record.incidents.values()) == [Mode.AUTO, Mode.SHADOW]


@pytest.mark.parametrize(
    ("rule", "joins"),
    [
        ({"first": matching('alertname="DbDown"'), "then": matching('alertname="IslandDown"')}, True),
        ({"first": matching('alertname="DbUp"'), "then": matching('alertname="IslandDown"')}, False),
        ({"then": matching('alertname="IslandDown"'), "equal": ("rack",)}, True),
        ({"then": matching('alertname="IslandDown"'), "equal": ("pod",)}, False),
        ({"equal": ("rack",), "within": seconds(30)}, False),
        ({"equal": ("rack",), "within": seconds(60)}, True),
        ({"equal": ("zone",)}, True),
    ],
)
def test_an_explicit_rule_joins(rule, joins) -> None:
    whole = JoinRule(**{"name": "by hand", "first": Match(), "then": Match(), **rule})
    story = in_shop(correlation=CorrelationRules(rules=(whole,)))
    story.apply(alert_of("db", rack="r1"))
    story.at(60).apply(alert_of("island", starts=60, rack="r1"))
    assert story.told("AlertJoined") == (["rule"] if joins else [])


def test_a_rule_that_says_never_wins_over_all() -> None:
    rules = (
        JoinRule("together", Match(), Match(), ("cluster",)),
        JoinRule("apart", Match(), matching('alertname="OrdersDown"'), join=JoinWord.NEVER),
    )
    story = in_shop(correlation=CorrelationRules(rules=rules))
    story.apply(alert_of("db"))
    story.apply(alert_of("orders"))
    assert len(story.record.incidents) == 2


def test_what_a_rule_keeps_apart_says_so() -> None:
    apart = JoinRule("apart", matching('service="db"'), matching('service="orders"'), join=JoinWord.NEVER)
    story = in_shop(correlation=CorrelationRules(rules=(apart,)))
    story.apply(alert_of("db"))
    story.apply(alert_of("orders"))
    opened = story.put_out(IncidentEvent, type="IncidentOpened")[-1]
    assert opened.reason == "rule"
    assert opened.text.startswith(
        "OrdersDown it is; not of 'DbDown it is': rule apart says never, orders depends on db"
    )


def test_alerts_of_no_service_are_one_incident_for_their_group() -> None:
    story = Story(library(), domain="production/-/alertname=Crash", service="")
    story.alert(pod="a")
    story.at(5000).alert(pod="b", starts=5000)
    assert story.told("AlertJoined") == ["same_group"]


@pytest.mark.parametrize(
    ("then", "after", "reopens"),
    [
        (alert_of("db", pod="db-2"), 60, True),
        (alert_of("db", pod="db-2"), 580, False),
        (alert_of("orders"), 30, False),
    ],
)
def test_a_resolved_incident_is_taken_up_again_where_more_speaks_for_it(then, after, reopens) -> None:
    story = Story(in_shop().library, service="db")
    story.apply(alert_of("db"))
    story.at(10).apply(*_resolved(alert_of("db")))
    assert story.incident.status is IncidentStatus.RESOLVED
    alert = then.body.alert.model_copy(update={"starts_at": story.now + seconds(after)})
    later = then.model_copy(update={"body": then.body.model_copy(update={"alert": alert})})
    story.at(10 + after).apply(later)
    assert story.told("IncidentReopened") == (["same_service"] if reopens else [])
    assert len(story.record.incidents) == (1 if reopens else 2)


def _resolved(signal):
    alert = signal.body.alert.model_copy(
        update={"status": AlertStatus.RESOLVED, "ends_at": signal.body.alert.starts_at}
    )
    return [
        signal.model_copy(
            update={"identity": "over", "body": signal.body.model_copy(update={"alert": alert})}
        )
    ]


def test_a_report_joins_the_incident_of_its_service_else_what_that_depends_on() -> None:
    story = in_shop()
    story.apply(alert_of("db"))
    story.at(1).apply(alert_of("index"))
    for service, root, reason in (
        ("index", "index", "same_service"),
        ("cart", "db", "depends_on"),
        ("", "index", "same_domain"),
    ):
        story.reports("it is slow", service=service)
        joined = story.put_out(IncidentEvent, type="ReportJoined")[-1]
        assert (story.record.incidents[joined.incident_id].service, joined.reason) == (root, reason)
    story.reports("it is slow", service="island")
    assert len(story.record.incidents) == 3


@given(st.sampled_from(sorted(SERVICES)))
def test_where_nothing_weighs_anything_each_alert_opens_its_own(service) -> None:
    nothing = dict.fromkeys(WEIGHTS, 0.0)
    story = in_shop(correlation=CorrelationRules(weights=nothing))
    story.apply(alert_of("db"))
    story.apply(alert_of(service, "Other", pod="other"))
    assert len(story.record.incidents) == 2


@pytest.mark.parametrize(
    ("labels", "things"),
    [
        ({"pod": "a", "instance": "10.0.0.1:8080"}, ["pod a"]),
        ({"instance": "10.0.0.1:8080"}, ["machine 10.0.0.1"]),
        ({"node": "n1", "pod": "a"}, ["pod a", "machine n1"]),
        ({"host": "n1", "device": "sda"}, ["machine n1", "device sda of n1"]),
        ({"device": "switch-7"}, ["device switch-7"]),
        ({"instance": "n1:9100", "device": "sda"}, ["device sda"]),
        ({"severity": "warning"}, []),
    ],
)
def test_what_labels_name(labels, things) -> None:
    assert entities_of(labels, ENTITY_LABELS) == things


def test_a_domain_has_so_many_incidents_at_most() -> None:
    story = in_shop(correlation=CorrelationRules(join_at=9))
    for number in range(OPEN_INCIDENTS + 3):
        story.apply(alert_of("db", f"A{number}", pod=f"p{number}"))
    assert len(story.record.incidents) == OPEN_INCIDENTS
    assert story.told("AlertJoined") == ["too_many_incidents"] * 3


@pytest.mark.parametrize(
    ("rule", "likeliest"),
    [
        (JoinRule("apart", matching(), matching(), join=JoinWord.NEVER), "db"),
        (JoinRule("apart", matching('service="db"'), matching(), join=JoinWord.NEVER), "mail"),
    ],
    ids=["of all", "of all but one"],
)
def test_a_domain_has_so_many_incidents_at_most_whatever_rules_say(rule, likeliest) -> None:
    """What no rule keeps the alert from comes first, little though speaks for it; then that for which most speaks."""
    story = in_shop(correlation=CorrelationRules(join_at=9, rules=(rule,)))
    story.apply(alert_of("mail"))
    for number in range(OPEN_INCIDENTS + 2):
        story.apply(alert_of("db", f"A{number}", pod=f"p{number}"))
    assert len(story.record.incidents) == OPEN_INCIDENTS
    joined = story.put_out(IncidentEvent, type="AlertJoined")
    assert {each.reason for each in joined} == {"too_many_incidents"}
    assert story.record.incidents[joined[0].incident_id].home == likeliest
    assert ("rule apart says never" in joined[0].text) is (likeliest == "db")


def test_many_alerts_of_several_incidents_stay_bounded_and_each_holds_some_exactly() -> None:
    story = in_shop()
    story.apply(*(alert_of("db", pod=f"p{number}") for number in range(MEMBERS + 10)))
    story.apply(*(alert_of("island", pod=f"p{number}") for number in range(OWN_MEMBERS + 10)))
    sizes = sorted((len(each.members), each.alert_count) for each in story.record.incidents.values())
    assert sizes == [(OWN_MEMBERS, OWN_MEMBERS + 10), (MEMBERS, MEMBERS + 10)]
    assert len(dump(story.record)) < 512 * 1024


SIGNALS = st.lists(
    st.tuples(st.sampled_from(sorted(SERVICES)), st.integers(0, 3), st.integers(0, 2000)),
    min_size=1,
    max_size=12,
)


@given(SIGNALS)
def test_each_alert_is_in_one_incident_and_every_join_has_reasons(drawn) -> None:
    story = in_shop()
    seen = set()
    for service, pod, second in sorted(drawn, key=lambda each: each[2]):
        signal = alert_of(service, pod=f"{service}-{pod}", starts=0)
        story.at(second).apply(signal)
        seen.add(signal.body.alert.fingerprint)
    held = [each for incident in story.record.incidents.values() for each in incident.members]
    assert sorted(held) == sorted(seen)
    for event in story.put_out(IncidentEvent, type="AlertJoined"):
        assert float(event.data["score"]) >= 1.0
        assert event.data[event.reason]


@given(st.permutations(sorted(SERVICES)), st.sampled_from(sorted(SERVICES)))
def test_the_order_of_the_catalog_changes_nothing(order, service) -> None:
    story, other = in_shop(), in_shop()
    other.library.services.update({name: other.library.services.pop(name) for name in order})
    for each in (story, other):
        each.apply(alert_of("db"), alert_of("island"), alert_of("index"))
        each.at(30).apply(alert_of(service, "Late", starts=30))
    assert dump(story.record) == dump(other.record)


@pytest.mark.parametrize("distinct", [True, False], ids=["as many fingerprints", "one fingerprint"])
def test_a_storm_of_one_cause_is_one_incident_one_page_and_few_messages(distinct) -> None:
    story, count = in_shop(), MEMBERS + 1000
    for begins in range(0, count, 500):
        story.at(begins / count * 60)
        storm = [
            alert_of(
                "db",
                severity="critical",
                pod=f"p{number if distinct else 0}",
                starts=0 if distinct else number / 1000,
            )
            for number in range(begins, min(begins + 500, count))
        ]
        story.apply(*storm)
        assert len(dump(story.record)) < 512 * 1024
    assert story.incident.alert_count == (count if distinct else 1)
    assert len(story.put_out(EscalationCommand)) == 1
    assert len(story.put_out(ChatCommand)) < 20
