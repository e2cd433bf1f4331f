"""Several alerts explained together say what the engine then does."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.core.together import OLDEST, together
from app.model.correlation import CorrelationRules, JoinRule, JoinWord
from app.model.inputs import Alert
from tests.core.estate import seconds
from tests.core.shop import alert_of, shop
from tests.core.story import START, alert_signal
from tests.core.test_correlation import matching


def test_each_says_where_it_goes_with_those_before_it() -> None:
    alerts = [signal.body.alert for signal in map(alert_of, ("db", "orders", "island", "db"))]
    found = together(alerts, shop(), START)
    assert [(each.event, each.reason, each.incident) if each else None for each in found] == [
        ("IncidentOpened", "first_alert", "DbDown"),
        ("AlertJoined", "depends_on", "DbDown"),
        ("IncidentOpened", "unrelated", "IslandDown"),
        None,
    ]
    assert found[0].incident_id == found[1].incident_id != found[2].incident_id
    assert "orders depends on db" in found[1].words


def test_alerts_of_other_domains_have_nothing_to_do_with_one_another() -> None:
    alerts = [alert_of("db").body.alert, alert_of("elsewhere").body.alert]
    assert [each.reason for each in together(alerts, shop(), START)] == ["first_alert", "first_alert"]


def alert(service: str, starts: float = 0, **labels: str) -> Alert:
    return alert_of(service, starts=starts, **labels).body.alert


def test_the_name_of_an_incident_stays_though_its_title_moves() -> None:
    first, then = together([alert("orders"), alert("db", 1)], shop(), START + seconds(1))
    assert (first.incident, first.title) == ("OrdersDown", "OrdersDown it is")
    assert (then.incident, then.title) == ("OrdersDown", "DbDown it is")
    assert first.incident_id == then.incident_id


def test_incidents_that_an_alert_ties_together_are_told() -> None:
    alerts = [alert("orders", cluster="eu"), alert("billing", 1, cluster="eu"), alert("db", 10, cluster="eu")]
    orders, billing, db = together(alerts, shop(), START + seconds(60))
    assert (orders.event, billing.event, db.event) == ("IncidentOpened", "IncidentOpened", "AlertJoined")
    (tied,) = db.merges
    assert (tied.incident, tied.incident_id) == ("BillingDown", billing.incident_id)
    assert (tied.into, tied.into_id) == ("OrdersDown", orders.incident_id)
    assert (tied.reason, "DbDown of db ties them" in tied.words) == ("tied_by_alert", True)
    assert (orders.merges, billing.merges) == ([], [])


def test_what_a_rule_keeps_apart_names_the_rule() -> None:
    rule = JoinRule("apart", matching('service="db"'), matching('service="orders"'), join=JoinWord.NEVER)
    library = shop(correlation=CorrelationRules(rules=(rule,)))
    _, orders = together([alert("db"), alert("orders")], library, START)
    assert (orders.event, orders.reason) == ("IncidentOpened", "rule")
    assert "rule apart says never" in orders.words


def test_each_arrives_when_it_began_whatever_their_order() -> None:
    """Five minutes lie between them, so that the one does not join the other; told at once they would."""
    alerts = [alert("orders", 300), alert("db")]
    orders, db = together(alerts, shop(), START + seconds(3600))
    assert [(each.event, each.at) for each in (orders, db)] == [
        ("IncidentOpened", START + seconds(300)),
        ("IncidentOpened", START),
    ]
    assert "300 s apart" in orders.words


@pytest.mark.parametrize(
    ("starts_at", "at"),
    [(None, START), (START + seconds(60), START), (datetime(1, 1, 1, tzinfo=UTC), START - OLDEST)],
    ids=["it does not say", "in the future", "never set"],
)
def test_none_arrives_after_now_nor_before_time_began(starts_at, at) -> None:
    (found,) = together([alert("db").model_copy(update={"starts_at": starts_at})], shop(), START)
    assert (found.event, found.at) == ("IncidentOpened", at)


def test_an_end_arrives_when_it_ended() -> None:
    labels = {"pod": "db-1", "service": "db", "severity": "error"}
    ends = alert_signal("DbDown", status="resolved", lasts=30, of_service="db", **labels)
    found = together([ends.body.alert, alert("db")], shop(), START + seconds(60))
    assert [(each.event, each.at) for each in found] == [
        ("AlertResolved", START + seconds(30)),
        ("IncidentOpened", START),
    ]
