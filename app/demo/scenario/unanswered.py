"""Stories in which people are hard to find: nobody answers at first, or who answered forgot; and an event that needs a person."""

from __future__ import annotations

from app.demo.scenario.alerts import alert
from app.demo.story import Event, Expected, Fault, Person, Story

SECOND_LEVEL = Story(
    id="returns-stuck",
    domain="production/returns",
    tells="the first level is silent, and the second acknowledges",
    faults=(
        Fault(
            at=5.0,
            alerts=(alert("ReturnsStuck", "critical", service="returns"),),
            summary="No parcel was taken back for ten minutes",
            cure="person",
        ),
    ),
    person=Person(silent=("ada",), then="mends", words="The label printer's queue was full; emptied it."),
    shows=("level_two",),
    expected=Expected(
        alerts=1, why="no_runbook", paged=("no_runbook", "not_acknowledged"), acknowledged=True, ticket=True
    ),
)

LAST_RESORT = Story(
    id="loyalty-points",
    domain="production/loyalty",
    tells="nobody of the policy answers, so the last resort takes over",
    faults=(
        Fault(
            at=7.0,
            alerts=(alert("PointsNotBooked", "critical", service="loyalty"),),
            summary="Points are not booked",
            cure="person",
        ),
    ),
    person=Person(silent=("ada", "alan"), then="mends", words="Booked them by hand, and called Ada."),
    shows=("exhausted",),
    expected=Expected(
        alerts=1, why="no_runbook", paged=("no_runbook", "not_acknowledged"), acknowledged=True, ticket=True
    ),
)

GONE_STALE = Story(
    id="reviews-lost",
    domain="production/reviews",
    tells="somebody acknowledges and is not heard of again, so it pages anew",
    faults=(
        Fault(
            at=3.0,
            alerts=(alert("ReviewsLost", "critical", service="reviews"),),
            summary="Reviews of customers are lost",
            cure="person",
        ),
    ),
    person=Person(forgets=1, then="mends", words="I had fallen asleep again. The disk was read-only."),
    shows=("ack_stale",),
    expected=Expected(
        alerts=1, why="no_runbook", paged=("no_runbook", "ack_stale"), acknowledged=True, ticket=True
    ),
)

FAILED_OVER = Story(
    id="ledger-failover",
    domain="production/ledger-db",
    tells="a database fails over and does not come back: no alert fires, and a person is paged",
    events=(
        Event(at=9.0, type="failover", service="ledger-db", summary="ledger-db-0 gave over to ledger-db-1"),
    ),
    person=Person(then="resolves", words="ledger-db-0 is back and follows ledger-db-1."),
    shows=("event_escalates",),
    expected=Expected(
        alerts=0,
        why="no_runbook",
        paged=("system_event",),
        acknowledged=True,
        resolved="by_person",
        changes=1,
    ),
)

DEAD_PAGER = Story(
    id="vouchers-refused",
    domain="production/vouchers",
    tells="the connector that pushes to phones is dead, and the person is called instead",
    faults=(
        Fault(
            at=4.0,
            alerts=(alert("VouchersRefused", "critical", service="vouchers"),),
            summary="No voucher is taken",
            cure="person",
        ),
    ),
    person=Person(dead=("push",), then="mends", words="The vouchers' key had run out; a new one is in."),
    shows=("other_channel",),
    expected=Expected(alerts=1, why="no_runbook", paged=("no_runbook",), acknowledged=True, ticket=True),
)
