"""The demo's scenario and its library fit one another; the real thing is played in test_demo.py."""

from __future__ import annotations

import pytest

from app.core.domains import place_alert
from app.core.identity import fingerprint
from app.core.selection import select
from app.demo.scenario import SCENARIO
from app.demo.story import Fault, Story
from app.demo.verdict import judge
from app.demo.worker import LIBRARY as FOLDER
from app.library.compile import compile_library
from app.library.folder import read_folder
from app.library.lint import lint
from app.model.incident import AlertView
from app.model.inputs import Alert
from app.model.topics import INPUTS
from app.model.words import AlertStatus, Severity

FILES = read_folder(FOLDER)
LIBRARY = compile_library(FILES)
STORIES = pytest.mark.parametrize("story", SCENARIO.stories, ids=lambda story: story.id)


def test_the_library_is_whole_and_nobody_has_advice() -> None:
    assert [str(problem) for problem in lint(FILES)] == []


def test_there_is_enough_to_see() -> None:
    assert len(SCENARIO.stories) >= 14
    assert len({story.domain for story in SCENARIO.stories}) == len(SCENARIO.stories)
    assert len({story.id for story in SCENARIO.stories}) == len(SCENARIO.stories)
    assert max(len(fault.alerts) for story in SCENARIO.stories for fault in story.faults) >= 200
    assert all(noise.topic in INPUTS for noise in SCENARIO.noise)
    assert {len(story.expected.paged) for story in SCENARIO.stories} == {0, 1}


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
    steps = {step.id for step in page.steps} if page else set()
    assert set(story.expected.steps) == steps
    assert set(story.replies) <= steps
    assert set(story.expected.attempts) <= steps


@STORIES
def test_somebody_or_something_ends_it(story: Story) -> None:
    for fault in story.faults:
        kind, _, step = fault.cure.partition(":")
        assert kind in ("step", "person", "time")
        if kind == "step":
            assert story.expected.steps[step] == "succeeded"
        if kind == "person":
            assert story.person.then == "mends"
            assert story.expected.paged
    if not story.faults:
        assert story.person.then == "resolves"
    assert story.expected.alerts == len({str(sorted(a.items())) for f in story.faults for a in f.alerts})


def test_what_is_quiet_opens_nothing() -> None:
    for fault in SCENARIO.quiet:
        assert isinstance(fault, Fault)
        for labels in fault.alerts:
            alert = Alert(labels=dict(labels), fingerprint=fingerprint(dict(labels)))
            assert place_alert(alert, LIBRARY).severity is Severity.NONE


def test_a_story_that_did_not_happen_is_named() -> None:
    verdicts = judge(SCENARIO.stories, [], {})
    assert len(verdicts) == len(SCENARIO.stories)
    assert {verdict.differences for verdict in verdicts} == {("no incident was opened",)}
