"""The demo's scenario and its library fit one another; the real thing is played in test_demo.py."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest

from app.core.domains import place_alert
from app.core.identity import fingerprint
from app.core.selection import select
from app.demo.runner import PAUSE
from app.demo.scenario import SCENARIO
from app.demo.shown import FEATURES, REMINDERS
from app.demo.story import Fault, Story
from app.demo.verdict import judge
from app.demo.worker import LIBRARY as FOLDER
from app.library.compile import compile_library
from app.library.folder import read_folder
from app.library.lint import lint
from app.library.published import with_domains
from app.model.evidence import AlertView
from app.model.inputs import Alert
from app.model.runbook import Runbook, Step
from app.model.topics import INPUTS
from app.model.words import AlertStatus, Effect, Severity

FILES = read_folder(FOLDER)
LIBRARY = compile_library(with_domains(FILES, {}))  # as the first start puts it in force
STORIES = pytest.mark.parametrize("story", SCENARIO.stories, ids=lambda story: story.id)


def test_the_library_is_whole_and_nobody_has_advice() -> None:
    assert [str(problem) for problem in lint(FILES)] == []


def test_there_is_enough_to_see() -> None:
    assert len(SCENARIO.stories) >= 14
    assert len({story.domain for story in SCENARIO.stories}) == len(SCENARIO.stories)
    assert len({story.id for story in SCENARIO.stories}) == len(SCENARIO.stories)
    assert max(len(fault.alerts) for story in SCENARIO.stories for fault in story.faults) >= 200
    assert all(noise.topic in INPUTS for noise in SCENARIO.noise)
    assert {len(story.expected.paged) for story in SCENARIO.stories} == {0, 1, 2}


@STORIES
def test_its_alerts_are_of_its_domain_and_select_its_runbook(story: Story) -> None:
    for fault in story.faults:
        for labels in fault.alerts:
            alert = Alert(labels=dict(labels), fingerprint=fingerprint(dict(labels)))
            placed = place_alert(alert, LIBRARY)
            assert placed.domain == story.domain
            view = AlertView(
                fingerprint=alert.fingerprint,
                name=alert.name,
                status=AlertStatus.FIRING,
                severity=placed.severity,
                service=placed.service,
                labels=alert.labels,
            )
            chosen = select(view, LIBRARY)
            assert (chosen.runbook.id if chosen.runbook else "", chosen.reason) == (
                story.expected.runbook,
                story.expected.why,
            )


@STORIES
def test_its_steps_are_those_of_its_runbook(story: Story) -> None:
    page = LIBRARY.runbooks.get(story.expected.runbook)
    steps = dict(steps_of(page)) if page else {}
    parts = {name for name in story.expected.steps if "." in name}
    assert set(story.expected.steps) - parts == set(steps)
    for name in parts:
        assert page
        assert page.step(name).id == name
    answered = {step.id for step in steps.values()} | parts
    assert set(story.replies) <= answered
    assert set(story.expected.attempts) <= set(steps)


def steps_of(page: Runbook, above: str = "") -> Iterator[tuple[str, Step]]:
    """All steps of a page, with those of the pages that it uses, by path."""
    for step in page.steps:
        yield f"{above}{step.id}", step
        if step.uses:
            yield from steps_of(LIBRARY.runbooks[step.uses], f"{above}{step.id}/")


@STORIES
def test_somebody_or_something_ends_it(story: Story) -> None:
    by_hand = story.person.then == "mends" or any(press.cures for press in story.presses)
    for fault in story.faults:
        kind, _, step = fault.cure.partition(":")
        assert kind in ("step", "person", "time")
        if kind == "step":
            ends = {path.rpartition("/")[2]: status for path, status in story.expected.steps.items()}
            assert ends[step] == "succeeded"
        if kind == "person":
            assert by_hand
            assert story.expected.paged
    if not story.faults:
        assert story.person.then == "resolves"
    assert story.expected.alerts == len({str(sorted(a.items())) for f in story.faults for a in f.alerts})


@STORIES
def test_its_presses_are_of_known_people_on_buttons_that_come(story: Story) -> None:
    known = {identity for person in LIBRARY.people.values() for identity in person.identities}
    for press in story.presses:
        kind, _, step = press.button.partition(":")
        assert kind in ("approve", "report", "done")
        assert (step in story.expected.steps) == (kind != "done")
        assert f"chat:{press.by}" in known


def test_each_feature_is_shown_by_one_story() -> None:
    assert sorted(shown for story in SCENARIO.stories for shown in story.shows) == sorted(FEATURES)


def test_what_is_to_be_reminded_of_is_due_when_its_incident_closes() -> None:
    for story in SCENARIO.stories:
        if "follow_up_reminded" in story.shows:
            page = LIBRARY.runbooks[story.expected.runbook]
            assert {each.due for each in page.follow_ups} == {LIBRARY.rules.reopen_window}
            assert [press.passes_over for press in story.presses if press.button == "done"] == [REMINDERS - 1]


def test_every_page_that_acts_alone_has_earned_it_but_the_one_that_shows_what_is_then() -> None:
    needed = LIBRARY.guards.runs_to_auto
    assert {page for page, good in SCENARIO.past.items() if good < needed} == {"certificate-expiring"}
    asks_nobody = {
        page.id
        for page in LIBRARY.runbooks.values()
        for step in page.steps
        if step.action and not step.approval and LIBRARY.actions[step.action].effect is not Effect.READ
    }
    assert asks_nobody <= set(SCENARIO.past) <= set(LIBRARY.runbooks)


def test_no_alert_flaps_however_many_hours_are_played() -> None:
    rules = LIBRARY.flapping
    assert rules.within <= timedelta(seconds=PAUSE)  # changes of one hour do not count in the next
    for story in SCENARIO.stories:
        times = Counter(fingerprint(dict(labels)) for fault in story.faults for labels in fault.alerts)
        assert max(times.values(), default=0) * 2 < rules.changes  # each fires and is resolved


def test_what_is_quiet_opens_nothing() -> None:
    for fault in SCENARIO.quiet:
        assert isinstance(fault, Fault)
        for labels in fault.alerts:
            alert = Alert(labels=dict(labels), fingerprint=fingerprint(dict(labels)))
            assert place_alert(alert, LIBRARY).severity is Severity.NONE


def test_a_story_that_did_not_happen_is_named() -> None:
    verdicts = judge(SCENARIO.stories, [], {}, {})
    assert len(verdicts) == len(SCENARIO.stories)
    assert {verdict.differences for verdict in verdicts} == {("no incident was opened",)}
