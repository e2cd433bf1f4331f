"""Pages of shadow beside the pager's: which belong together, by how much, to whom, and what is missed or added."""

import random

import pytest

from app.core.shadow.comparison import Outcome
from app.core.shadow.recipients import Recipient
from app.model.words import Mode
from tests.core.shadow.night import (
    an_alert,
    an_event,
    an_execution,
    an_incident,
    at,
    minutes,
    report,
    they_page,
    we_page,
)


def only(**found):
    (line,) = report(**found).pages
    return line


@pytest.mark.parametrize(
    ("ours", "theirs", "difference"),
    [(3, 0, 3), (0, 4, -4), (0, 0, 0), (200, 0, 200), (0, 200, -200)],
    ids=["later", "earlier", "at once", "hours later", "hours earlier"],
)
def test_by_how_much(ours, theirs, difference):
    line = only(incidents=[an_incident()], pages=[we_page(minute=ours)], pager=[they_page(theirs)])
    assert (line.outcome, line.difference, line.match) == (Outcome.BOTH, minutes(difference), "title")
    assert line.at == at(0)


@pytest.mark.parametrize(
    ("title", "service", "match"),
    [
        ("CartDown", "cart", "service_and_title"),
        ("[FIRING:1] CartDown shop (cart-1)", "", "service_and_title"),
        ("[FIRING:1] CartDown shop", "", "title"),
        ("nobody can PAY in the cart!", "Shopping cart", "service_and_title"),
        ("Nobody can pay in the c", "", "title"),
        ("cart: nobody can pay since 3:00", "", "service_and_title"),
        ("latency", "cart", "service"),
        ("latency", "shopping  CART", "service"),
        ("CartDown", "Shop - Production", "title"),
        ("cart is slow", "", "service"),
        ("CartDown", "search", ""),
        ("CartDownAgain", "", ""),
        ("Disk full", "", ""),
        ("Disk full", "Shop - Production", ""),
        ("", "", ""),
        ("search: nobody can pay", "", ""),
    ],
)
def test_what_a_page_of_the_pager_is_about(title, service, match):
    found = report(
        incidents=[an_incident()], pages=[we_page()], pager=[they_page(1, title=title, service=service)]
    )
    assert [line.match for line in found.pages if line.incident] == [match]
    assert found.count(Outcome.MISSED) == (not match)
    assert found.count(Outcome.ADDED) == (not match)


@pytest.mark.parametrize(
    ("minute", "title", "is_matched"),
    [
        (-15, "CartDown", True),
        (-16, "CartDown", False),
        (35, "CartDown", True),
        (36, "CartDown", False),
        (15, "cart is slow", True),
        (16, "cart is slow", False),
    ],
)
def test_how_near_a_page_must_be(minute, title, is_matched):
    found = report(
        incidents=[an_incident(resolved=20)], pages=[we_page()], pager=[they_page(minute, title=title)]
    )
    assert (found.count(Outcome.BOTH) == 1) is is_matched


def test_of_several_incidents_the_one_whose_labels_the_title_bears():
    incidents = [
        an_incident(name, opened=opened, alerts=[an_alert(pod=pod)])
        for name, opened, pod in (("one", 0, "cart-1"), ("two", 1, "cart-77"), ("three", 2, "cart-3"))
    ]
    line = only(incidents=incidents, pager=[they_page(0, title="CartDown cart-77")])
    assert line.incident.id == "two"


def test_of_several_incidents_the_nearest_in_time():
    incidents = [an_incident("one", 0, 10), an_incident("two", 20, 30), an_incident("three", 40, 50)]
    assert only(incidents=incidents, pager=[they_page(19)]).incident.id == "two"


def test_the_pager_pages_again_and_again_for_one_incident():
    pager = [they_page(minute, id_=f"P{minute}") for minute in (9, 2, 5)]
    found = report(incidents=[an_incident()], pages=[we_page(minute=1)], pager=pager)
    (line,) = found.pages
    assert (line.theirs.id, line.repeats, found.repeats, line.difference) == ("P2", 2, 2, minutes(-1))


def test_our_first_page_counts_and_several_targets_are_one_page():
    pages = [
        we_page(minute=30, target="user:bruno"),
        we_page(minute=2, target="user:bruno"),
        we_page(minute=2),
        we_page(minute=2),
        we_page(minute=1, op="stop"),
    ]
    line = only(incidents=[an_incident()], pages=pages, pager=[they_page(2)])
    assert (line.difference, sorted(line.ours.people)) == (minutes(0), ["alice", "bruno"])


@pytest.mark.parametrize(
    ("target", "to", "recipient"),
    [
        ("user:alice", ("PX1",), Recipient.SAME),
        ("user:alice", ("alice arslan",), Recipient.SAME),
        ("user:alice", ("Alice@example.com",), Recipient.SAME),
        ("user:alice", ("Bruno Baptista", "Alice Arslan"), Recipient.SAME),
        ("user:alice", ("Bruno Baptista",), Recipient.OTHER),
        ("user:alice", ("Somebody Else",), Recipient.UNKNOWN),
        ("user:alice", (), Recipient.UNKNOWN),
        ("schedule:platform", ("Alice Arslan",), Recipient.UNKNOWN),
        ("schedule:platform", ("Platform",), Recipient.SAME),
        ("user:nobody-known", ("Nobody-Known",), Recipient.SAME),
    ],
)
def test_to_whom(target, to, recipient):
    line = only(incidents=[an_incident()], pages=[we_page(target=target)], pager=[they_page(to=to)])
    assert line.recipient is recipient


@pytest.mark.parametrize(
    ("incident", "events", "why"),
    [
        (an_incident(resolved=2), [], "resolved_first"),
        (an_incident(executions=[an_execution()]), [], "runbook_at_work"),
        (an_incident(), [], "not_paged"),
        (an_incident(resolved=2), [an_event(type_="EscalationImpossible", reason="no_policy")], "no_policy"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_why_we_would_not_have_paged(incident, events, why):
    line = only(incidents=[incident], events=events, pager=[they_page()])
    assert (line.outcome, line.why_not) == (Outcome.MISSED, why)


@pytest.mark.parametrize(("reason", "count"), [("critical", 0), ("step_timed_out", 1), ("step_unknown", 1)])
def test_pages_that_come_of_shadow_itself_are_counted(reason, count):
    assert report(incidents=[an_incident()], pages=[we_page(reason=reason)]).of_silence == count


def test_what_opened_no_incident_is_missed():
    line = only(pager=[they_page(title="Disk full")])
    assert (line.outcome, line.incident, line.why_not) == (Outcome.MISSED, None, "no_incident")


def test_incidents_for_which_nobody_paged_are_left_out():
    assert report(incidents=[an_incident()], pager=[]).pages == ()


def test_without_an_export_nothing_is_added_or_missed():
    found = report(incidents=[an_incident()], pages=[we_page()])
    assert [(line.outcome, found.pager) for line in found.pages] == [(Outcome.OURS, None)]
    assert report(incidents=[an_incident()], pages=[we_page()], pager=[]).count(Outcome.ADDED) == 1


def test_what_is_live_is_not_compared():
    found = report(incidents=[an_incident(mode=Mode.AUTO)], pager=[they_page(), they_page(1, id_="P2")])
    assert (found.pages, found.live) == ((), 2)


@pytest.mark.parametrize(("start", "count"), [(0, 1), (1, 0)])
def test_an_incident_counts_where_its_first_page_was(start, count):
    """A page of ours from before the window must not make the pager's later one a missed one."""
    found = report(incidents=[an_incident()], pages=[we_page()], pager=[they_page(10)], start=start)
    assert (len(found.pages), found.count(Outcome.MISSED)) == (count, 0)


def test_what_comes_after_the_window_is_left_out():
    found = report(incidents=[an_incident(opened=5)], pages=[we_page(minute=5)], pager=[they_page(6)], end=5)
    assert (found.pages, found.pager) == ((), ())


def test_the_newest_snapshot_counts_and_the_order_does_not():
    found = {
        "incidents": [an_incident(), an_incident(resolved=3, version=2), an_incident("two", 30, 40)],
        "pages": [we_page(), we_page("two", 31), we_page("two", 33)],
        "pager": [
            they_page(m, id_=f"P{m}", title=t) for m, t in ((1, "CartDown"), (32, "CartDown"), (90, "x"))
        ],
    }
    first = report(**found)
    assert [line.outcome for line in first.pages] == [Outcome.BOTH, Outcome.BOTH, Outcome.MISSED]
    assert first.pages[0].incident.resolved_at == at(3)
    for seed in range(20):
        chance = random.Random(seed)
        assert report(**{name: chance.sample(all_, len(all_)) for name, all_ in found.items()}) == first
