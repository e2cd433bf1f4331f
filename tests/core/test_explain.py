"""What would come of an alert: the explanation says what the engine then does."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from app.core.explain import explain
from app.model.expressions import Template
from app.model.inputs import Alert
from app.model.runbook import Approval, Page
from app.model.words import AlertStatus, Mode, PageWhen, Severity
from tests.core.escalation.estate import level, shop, team
from tests.core.estate import library, look, mend, page, quiet, used
from tests.core.story import START
from tests.core.test_heartbeats import WATCHDOG, with_beats
from tests.core.test_unheard import AFTER, MANUAL, with_sources

RUNBOOK = page(look(), mend(needs=("look",)), quiet())


def alert(**labels: str) -> Alert:
    return Alert(
        labels={"alertname": "Crash", "service": "cart", "pod": "cart-1", "severity": "critical"} | labels
    )


def test_place_incident_runbook_steps_and_commands():
    told = explain(alert(), library(RUNBOOK), START)
    assert (told.domain, told.domain_reason, told.service) == ("production/shop", "service_label", "cart")
    assert (told.verdict, told.verdict_reason, told.team) == ("open", "first_alert", "shop")
    assert (told.mode, told.execution_mode) == (Mode.AUTO, Mode.AUTO)
    assert (told.runbook, told.runbook_reason, told.candidates) == ("crash", "match", ["crash"])
    assert [(s.phase, s.step, s.action) for s in told.steps] == [
        ("diagnosis", "look", "k.describe"),
        ("mitigation", "mend", "k.undo"),
        ("verification", "quiet", "wait"),
    ]
    sent = [(c.topic, c.op, c.about) for c in told.commands]
    assert ("step-commands", "run", "look: k.describe") in sent
    assert ("escalation-commands", "notify", "user:alice") in sent
    assert told.fingerprint


def test_a_heartbeat_opens_nothing():
    told = explain(alert(alertname="Watchdog", severity="none"), with_beats(WATCHDOG), START)
    assert (told.domain, told.domain_reason) == ("heartbeat:watchdog", "heartbeat")
    assert (told.verdict, told.verdict_reason) == ("ignore", "heartbeat")


@pytest.mark.parametrize(
    ("sources", "ends"),
    [
        ((), ""),
        ((AFTER,), "5m after it was repeated last (sources.cron)"),
        ((MANUAL,), "when a person resolves its incident (sources.cron)"),
    ],
)
def test_when_an_alert_counts_as_over(sources, ends):
    assert explain(alert(), with_sources(library(RUNBOOK), *sources), START).ends == ends


@pytest.mark.parametrize(
    ("runbook", "severity", "when", "after", "reason"),
    [
        (None, "warning", PageWhen.AT_ONCE, 0, "no_runbook"),
        (page(), "warning", PageWhen.AT_ONCE, 0, "checklist_only"),
        (RUNBOOK, "critical", PageWhen.AT_ONCE, 0, "critical"),
        (RUNBOOK, "error", PageWhen.AFTER, 180, "error_after"),
        (RUNBOOK, "warning", PageWhen.ON_FAILURE, 0, "on_failure"),
        (
            page(look(), page=Page(PageWhen.AFTER, timedelta(minutes=1))),
            "critical",
            PageWhen.AFTER,
            60,
            "page_after",
        ),
    ],
)
def test_who_is_paged_when_and_why(runbook, severity, when, after, reason):
    told = explain(alert(severity=severity), library(*([runbook] if runbook else [])), START)
    paging = told.paging
    assert (paging.when, paging.after_seconds, paging.reason) == (when, after, reason)
    assert [(t.target, t.person, t.contact_ref) for t in paging.targets] == [
        ("user:alice", "Alice", "pager/alice")
    ]
    assert (paging.policy, paging.ack_timeout_seconds) == ("shop", 300)
    paged_now = any(c.topic == "escalation-commands" for c in told.commands)
    assert paged_now is (when is PageWhen.AT_ONCE)


def test_a_tie_names_those_that_are_tied():
    told = explain(alert(), library(RUNBOOK, page(id="twin", path="twin.md")), START)
    assert (told.runbook, told.runbook_reason, told.candidates) == ("", "ambiguous", ["crash", "twin"])


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (alert(severity="none"), "severity_none"),
        (alert().model_copy(update={"status": AlertStatus.RESOLVED}), "resolved_and_unknown"),
    ],
)
def test_an_alert_that_opens_nothing(given, reason):
    told = explain(given, library(RUNBOOK), START)
    assert (told.verdict, told.verdict_reason, told.paging, told.commands) == ("ignore", reason, None, [])


def test_what_workers_are_limited_to_shows():
    told = explain(alert(), library(RUNBOOK), START, Mode.SHADOW)
    assert (told.mode, told.execution_mode) == (Mode.SHADOW, Mode.SHADOW)
    assert {c.topic.endswith(".shadow") for c in told.commands} == {True}


def test_an_alert_that_no_catalog_knows():
    given = Alert(labels={"alertname": "Odd", "namespace": "x"})
    told = explain(given, library(RUNBOOK), START)
    assert (told.service, told.severity, told.runbook_reason) == ("", Severity.WARNING, "no_runbook")
    assert told.domain.startswith("production/-/")


CALL = mend(id="call", action="", uses="inner")


@pytest.mark.parametrize(
    ("steps", "rules", "waits"),
    [
        ((look(), mend()), {}, []),
        ((mend(),), {}, [("mend", "k.undo", "permit", "waiting_for_permit")]),
        (
            (mend(approval=Approval()),),
            {},
            [("mend", "k.undo", "approval", "waiting_for_approval")],
        ),
        ((mend(),), {"mode": Mode.APPROVE}, [("mend", "k.undo", "approval", "waiting_for_approval")]),
        ((mend(),), {"mode": Mode.SUGGEST}, [("mend", "k.undo()", "person", "suggested")]),
        ((mend(),), {"mode": Mode.SHADOW}, []),
        (
            (mend(approval=Approval()),),
            {"trusted": ()},
            [("mend", "k.undo()", "person", "no_trusted_source")],
        ),
        ((CALL,), {}, [("mend", "k.undo", "permit", "waiting_for_permit")]),
    ],
)
def test_a_first_step_that_waits_for_something_shows_as_that(steps, rules, waits):
    told = explain(alert(), library(page(*steps), used(mend()), **rules), START)
    assert [(w.step, w.what, w.waits_for, w.reason) for w in told.waits] == waits


def test_what_each_step_is_shows():
    by_hand = mend(id="hand", action="", manual=Template("do it", ("do it",)))
    told = explain(alert(), library(page(look(), by_hand, CALL, quiet()), used(look())), START)
    assert [step.action for step in told.steps] == ["k.describe", "manual", "uses inner", "wait"]


def test_a_page_of_low_urgency_says_until_when_it_waits_and_one_to_nobody_says_why():
    known = team(shop(level("user:alice", "user:gone", "channel:#shop")), zone=ZoneInfo("Europe/Berlin"))
    low, high = (explain(alert(severity=each), known, START).paging for each in ("warning", "critical"))
    opens = START.replace(hour=8, minute=0)  # Tuesday at nine in Berlin
    assert [each.waits_until for each in low.targets] == [opens, None, None]
    assert [each.waits_until for each in high.targets] == [None, None, None]
    assert [each.absent for each in high.targets] == ["", "there is no person 'gone'", ""]
