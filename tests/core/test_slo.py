"""The four promises, case by case."""

from datetime import timedelta

import pytest

from app.core import slo
from app.model.inputs import Actor
from tests.support.incidents import NOW, a_page, ago, an_execution, an_id, an_incident, resolved

DAY = timedelta(days=1)


def promise(name, *incidents, window=DAY):
    return next(each for each in slo.measure(incidents, NOW, window) if each.name == name)


def ran(minutes, started=None, **fields):
    start = started or ago(minutes=60)
    end = start + timedelta(minutes=minutes)
    return an_execution(**{"started_at": start, "ended_at": end, "status": "succeeded"} | fields)


EXECUTIONS = {
    "quick": ([ran(3)], (1, 1)),
    "exactly ten minutes is too long": ([ran(10)], (0, 1)),
    "a failure that is quick is quick": ([ran(3, status="failed")], (1, 1)),
    "too slow": ([ran(3), ran(11)], (1, 2)),
    "running for long counts as missed": ([an_execution(started_at=ago(minutes=11))], (0, 1)),
    "running and young does not count": ([an_execution(started_at=ago(minutes=9))], (0, 0)),
    "shadow is not carried out": ([ran(3, mode="shadow")], (0, 0)),
    "cancelled because the alerts went away": ([ran(3, status="cancelled")], (0, 0)),
    "started before the window": ([ran(3, started=NOW - DAY - timedelta(seconds=1))], (0, 0)),
    "started as the window begins": ([ran(3, started=NOW - DAY)], (1, 1)),
}


@pytest.mark.parametrize(("runs", "expected"), EXECUTIONS.values(), ids=EXECUTIONS)
def test_execution_time(runs, expected):
    found = promise("execution_time", an_incident(executions=runs))
    assert (found.numerator, found.denominator) == expected


def test_execution_time_says_median_and_p90_by_nearest_rank():
    found = promise("execution_time", an_incident(executions=[ran(minutes) for minutes in range(1, 11)]))
    assert found.facts == {"median_seconds": 300.0, "p90_seconds": 540.0}
    assert (found.value, found.met) == (0.9, True)


RESOLUTIONS = {
    "resolved": ([resolved("a")], (1, 1)),
    "closed later is still resolved": ([resolved("a", status="closed", closed_at=NOW)], (1, 1)),
    "open for an hour": ([an_incident("a", opened_at=ago(minutes=60))], (0, 1)),
    "open and young": ([an_incident("a", opened_at=ago(minutes=59))], (0, 0)),
    "mitigated is not resolved": ([an_incident("a", status="mitigated", opened_at=ago(hours=2))], (0, 1)),
    "merged and suppressed ones are none of their own": (
        [an_incident("a", status="merged", opened_at=ago(hours=2)), an_incident("b", status="suppressed")],
        (0, 0),
    ),
    "opened before the window": ([resolved("a", opened=NOW - DAY - timedelta(seconds=1))], (0, 0)),
}


@pytest.mark.parametrize(("incidents", "expected"), RESOLUTIONS.values(), ids=RESOLUTIONS)
def test_resolution_success(incidents, expected):
    found = promise("resolution_success", *incidents)
    assert (found.numerator, found.denominator) == expected


def acknowledged(at, by="alice", **fields):
    return a_page(
        status="acknowledged",
        acknowledged_at=at,
        acknowledged_by=Actor(provider="pager", id=by or "bot"),
        acknowledged_person=by,
        ack_by=ago(minutes=0),
        **fields,
    )


ESCALATIONS = {
    "acknowledged in time": (an_incident(escalations=[acknowledged(ago(minutes=2))]), (1, 1)),
    "acknowledged at the last moment": (an_incident(escalations=[acknowledged(ago(minutes=0))]), (1, 1)),
    "acknowledged late": (an_incident(escalations=[acknowledged(NOW + timedelta(seconds=1))]), (0, 1)),
    "acknowledged by a bot": (an_incident(escalations=[acknowledged(ago(minutes=2), by="")]), (0, 1)),
    "acknowledged by a person of another level": (
        an_incident(escalations=[acknowledged(ago(minutes=2), by="bob")]),
        (0, 1),
    ),
    "a channel was paged and a person answered": (
        an_incident(
            escalations=[acknowledged(ago(minutes=2), by="bob", target="channel:#ops", person_id="")]
        ),
        (1, 1),
    ),
    "a channel was paged and a bot answered": (
        an_incident(escalations=[acknowledged(ago(minutes=2), by="", target="channel:#ops", person_id="")]),
        (0, 1),
    ),
    "time is over, nobody came": (an_incident(escalations=[a_page()]), (0, 1)),
    "time is not over yet": (an_incident(escalations=[a_page(ack_by=NOW + timedelta(seconds=1))]), (0, 0)),
    "it healed itself first": (
        resolved("a", escalations=[a_page(status="stopped", stopped_at=ago(minutes=3))]),
        (0, 0),
    ),
    "it healed itself when the time was over": (
        resolved(
            "a",
            escalations=[a_page(status="stopped", ack_by=ago(minutes=28), stopped_at=ago(minutes=25))],
        ),
        (0, 1),
    ),
    "one of several answers for all": (
        an_incident(
            escalations=[
                acknowledged(ago(minutes=2)),
                a_page(id=an_id("b"), target="user:bob", status="stopped"),
            ]
        ),
        (1, 1),
    ),
    "two escalations are two": (
        an_incident(
            escalations=[
                acknowledged(ago(minutes=2)),
                a_page(notified_at=ago(hours=1), ack_by=ago(minutes=55)),
            ]
        ),
        (1, 2),
    ),
    "undelivered is no end of the need": (
        an_incident(escalations=[a_page(status="stopped", undelivered_at=ago(minutes=4))]),
        (0, 1),
    ),
    "merged into another, its pages were pages": (
        an_incident(status="merged", escalations=[a_page()]),
        (0, 1),
    ),
    "in shadow nobody is really paged": (an_incident(mode="shadow", escalations=[a_page()]), (0, 0)),
}


@pytest.mark.parametrize(("incident", "expected"), ESCALATIONS.values(), ids=ESCALATIONS)
def test_escalation_effectiveness(incident, expected):
    found = promise("escalation_effectiveness", incident)
    assert (found.numerator, found.denominator) == expected


def test_knowledge_accuracy_is_what_people_say():
    judged = [an_incident(name, feedback=word) for name, word in (("a", "right"), ("b", "wrong"), ("c", ""))]
    found = promise("knowledge_accuracy", *judged)
    assert (found.numerator, found.denominator, found.value, found.met) == (1, 2, 0.5, False)


def test_what_cannot_be_measured_says_so():
    notes = {each.name: (each.value, each.met, each.note) for each in slo.measure([], NOW)}
    assert notes == {
        "execution_time": (None, None, "not measured: no execution finished"),
        "resolution_success": (None, None, "not measured: no incident"),
        "knowledge_accuracy": (None, None, "not measured: no feedback"),
        "escalation_effectiveness": (None, None, "not measured: no escalation whose ack timeout has ended"),
    }


def test_young_open_incidents_are_mentioned():
    young = an_incident("young", opened_at=ago(minutes=1))
    assert (
        promise("resolution_success", young).note == "not measured: 1 open for less than an hour not counted"
    )
    assert (
        promise("resolution_success", young, resolved("a")).note == "1 open for less than an hour not counted"
    )


def test_the_order_of_incidents_does_not_matter():
    incidents = [
        resolved("a"),
        an_incident("b", opened_at=ago(hours=3)),
        an_incident("c", executions=[ran(3)]),
    ]
    assert slo.measure(incidents, NOW) == slo.measure(reversed(incidents), NOW)
