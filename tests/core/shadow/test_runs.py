"""Runs in shadow: what a page would have done, what people said of it, how fast it would have been, what it lacks."""

from dataclasses import replace

import pytest

from app.core.shadow.runs import gaps
from app.model.catalog import Guards, Rules, Team
from app.model.runbook import Runbook
from app.model.standings import Standing
from app.model.words import Effect, Mode
from tests.core.shadow.night import (
    LIBRARY,
    START,
    an_event,
    an_execution,
    an_incident,
    at,
    minutes,
    report,
    they_page,
    we_run,
)

PAGE = Runbook(id="crash", title="Crash", path="crash.md", hash="h")
READY = replace(LIBRARY, rules=Rules(mode=Mode.AUTO), runbooks={"crash": PAGE})


def only(**found):
    (page,) = report(**found).runbooks
    return page


def ran(name="one", resolved=None, **fields):
    return an_incident(name, resolved=resolved, executions=[an_execution(f"run-{name}")], **fields)


def standing(good=0, version=1, **fields):
    return Standing(id="page:crash", version=version, at=START, runbook_id="crash", good_runs=good, **fields)


def test_what_it_would_have_done_counts_each_step_once():
    steps = [
        we_run("look", effect="read"),
        we_run("look", 1, effect="read", attempt=2),
        we_run("undo", 2),
        we_run("undo", 3, op="cancel"),
        we_run("undo", execution="run-of-nobody"),
    ]
    page = only(incidents=[an_incident(executions=[an_execution()])], steps=steps)
    assert [(each.action, each.effect, each.times) for each in page.would] == [
        ("k.undo", Effect.CHANGE, 1),
        ("k.look", Effect.READ, 1),
    ]


def test_what_pages_that_it_uses_would_have_done_is_its_own():
    runs = [
        an_execution(),
        an_execution("child", runbook="other", parent_id="run"),
        an_execution("grandchild", runbook="third", parent_id="child"),
    ]
    page = only(incidents=[an_incident(executions=runs)], steps=[we_run(minute=4, execution="grandchild")])
    assert (page.runbook_id, page.would[0].times, page.runs[0].proposed_at) == ("crash", 1, at(4))


@pytest.mark.parametrize(
    ("resolved", "acts", "ahead"),
    [(10, 2, 8), (2, 10, -8), (None, 2, None), (10, None, None)],
    ids=["before people", "after people", "still open", "never acts"],
)
def test_how_long_before_the_end_it_would_have_acted(resolved, acts, ahead):
    steps = [] if acts is None else [we_run(minute=acts, execution="run-one"), we_run("more", 99, "run-one")]
    (run,) = only(incidents=[ran(resolved=resolved)], steps=steps).runs
    assert run.ahead == (None if ahead is None else minutes(ahead))


def test_reads_are_no_acts():
    page = only(incidents=[ran(resolved=9)], steps=[we_run("look", 1, "run-one", effect="read")])
    assert page.runs[0].proposed_at is None


def test_an_incident_that_is_open_here_is_over_when_the_pager_says_so():
    pager = [they_page(1, resolved_at=at(12))]
    (run,) = only(incidents=[ran()], steps=[we_run(minute=2, execution="run-one")], pager=pager).runs
    assert run.ahead == minutes(10)


def test_what_people_said_and_did():
    incidents = [
        ran("one", 5, feedback="right"),
        ran("two", 5, feedback="right"),
        ran("three", 5, feedback="wrong"),
        ran("four", 5),
    ]
    events = [
        an_event("one"),
        an_event("two", seq=3),
        an_event("two", reason="alerts_resolved", seq=7, actor=""),
        an_event("three", reason="alerts_resolved", actor=""),
    ]
    page = only(incidents=incidents, events=events)
    assert [page.judged(word) for word in ("right", "wrong", "")] == [2, 1, 1]
    assert page.by_person == 1


@pytest.mark.parametrize(
    ("run", "count"),
    [
        (an_execution(), 1),
        (an_execution(mode=Mode.AUTO), 0),
        (an_execution(started=-61), 0),
        (an_execution(started=300), 0),
    ],
    ids=["in shadow", "live", "before", "after"],
)
def test_which_runs_count(run, count):
    assert len(report(incidents=[an_incident(executions=[run])]).runbooks) == count


def test_a_page_in_shadow_counts_though_its_incident_is_live():
    page = only(incidents=[an_incident(mode=Mode.AUTO, executions=[an_execution()])])
    assert len(page.runs) == 1


@pytest.mark.parametrize(
    ("library", "record", "reasons"),
    [
        (READY, None, []),
        (replace(READY, runbooks={}), None, ["not_in_library"]),
        (replace(READY, rules=Rules()), None, ["mode_overall"]),
        (replace(READY, teams={"shop": Team("shop", mode=Mode.APPROVE)}), None, ["mode_team"]),
        (replace(READY, teams={"shop": Team("shop", mode=Mode.AUTO)}), None, []),
        (replace(READY, runbooks={"crash": replace(PAGE, mode=Mode.SUGGEST)}), None, ["mode_page"]),
        (replace(READY, guards=Guards(runs_to_auto=5)), None, ["not_earned"]),
        (replace(READY, guards=Guards(runs_to_auto=5)), standing(4), ["not_earned"]),
        (replace(READY, guards=Guards(runs_to_auto=5)), standing(5), []),
        (READY, standing(breaker_open=True, recent_failures=3), ["breaker_open"]),
        (replace(READY, rules=Rules(), guards=Guards(runs_to_auto=1)), None, ["mode_overall", "not_earned"]),
    ],
)
def test_what_stands_between_a_page_and_auto(library, record, reasons):
    assert [gap.reason for gap in gaps("crash", [an_incident()], record, library, at(59))] == reasons


def test_a_breaker_closes_by_itself_when_its_window_is_over():
    record = standing(breaker_open=True, recent_failures=3)
    assert gaps("crash", [], record, READY, at(59))
    assert gaps("crash", [], record, READY, at(60)) == ()


def test_a_verification_that_failed_is_named_with_what_it_cost():
    library = replace(READY, guards=Guards(runs_to_auto=5))
    (gap,) = gaps("crash", [], standing(1, failed_verification_at=START), library, at(0))
    assert gap.words == "4 more good runs (1 of 5, a verification failed on 2026-11-24)"


def test_the_newest_standing_counts():
    library = replace(READY, guards=Guards(runs_to_auto=5))
    page = only(
        incidents=[ran()], standings=[standing(3, version=9), standing(1, version=2)], library=library
    )
    assert (page.good_runs, page.runs_needed) == (3, 5)
    assert page.gaps[0].words == "2 more good runs (3 of 5)"
