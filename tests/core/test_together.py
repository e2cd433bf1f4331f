"""Several alerts explained together say what the engine then does."""

from __future__ import annotations

from app.core.together import together
from tests.core.shop import alert_of, shop
from tests.core.story import START


def test_each_says_where_it_goes_with_those_before_it() -> None:
    alerts = [signal.body.alert for signal in map(alert_of, ("db", "orders", "island", "db"))]
    found = together(alerts, shop(), START)
    assert [(each.event, each.reason, each.incident) if each else None for each in found] == [
        ("IncidentOpened", "first_alert", "DbDown it is"),
        ("AlertJoined", "depends_on", "DbDown it is"),
        ("IncidentOpened", "unrelated", "IslandDown it is"),
        None,
    ]
    assert "orders depends on db" in found[1].words


def test_alerts_of_other_domains_have_nothing_to_do_with_one_another() -> None:
    alerts = [alert_of("db").body.alert, alert_of("elsewhere").body.alert]
    assert [each.reason for each in together(alerts, shop(), START)] == ["first_alert", "first_alert"]
