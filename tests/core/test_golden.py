"""State goes both ways between releases: this one goes on from what an older one wrote, and an older one can read what it writes.

`golden/VERSION/` holds records that the release wrote, each with something under way, and the shape of what it could read. An
older release passes over fields that it does not know; what it cannot pass over is a word that it does not know. So a word is
first read, by a release that does not write it yet, and written by the next one.
"""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
from avro.schema import parse
from fastavro import parse_schema
from fastavro.validation import validate

from app.core.record import dump, load, next_due
from app.model.commands import StepCommand
from app.model.incident import DomainRecord
from app.model.inputs import StepResult, StepResultSignal, TimerFired
from app.model.outputs import IncidentEvent
from app.model.words import IncidentStatus, StepStatus, TimerKind
from app.wire.avsc import schema_of
from tests.core.estate import library, look, mend, page, quiet, retrying
from tests.core.story import Story

GOLDEN = Path(__file__).parent / "golden"
RELEASES = sorted(path.name for path in GOLDEN.iterdir() if path.is_dir())
RECORDS = sorted(GOLDEN.glob("*/*.json"))
PAGES = {"retry-waiting": page(retrying(look(), 3), mend(), quiet())}
LOOK_MEND_QUIET = page(look(), mend(), quiet(), budget=timedelta(seconds=900))


def ids(path):
    return f"{path.parent.name}/{path.stem}"


def golden(name, release="0.1.0"):
    return (GOLDEN / release / f"{name}.json").read_bytes().rstrip()


def going_on(name, release="0.1.0"):
    """A story that goes on from a record of that release."""
    story = Story(library(PAGES.get(name, LOOK_MEND_QUIET)))
    record = load(golden(name, release))
    story.world.records[record.domain], story.world.now = record, record.now
    return story


def step(story, name):
    return next(run for run in story.incident.executions[0].steps if run.step == name)


def answered(story, name, status="succeeded"):
    """The answer to a step's newest command, which the older release sent."""
    run = step(story, name)
    result = StepResult(
        id="late",
        command_id=run.command_id,
        object_id=run.object_id,
        domain=story.record.domain,
        status=status,
    )
    return story.happens(StepResultSignal(result=result), "step_result:late")


def fire_next(story):
    timer = next_due(story.record)
    story.world.now = timer.due
    return timer.kind, story.fire_timer(TimerFired(id=timer.id, due=timer.due, kind=timer.kind))


# --- what an older release wrote


@pytest.mark.parametrize("path", RECORDS, ids=ids)
def test_it_is_read_and_written_unchanged(path):
    written = path.read_bytes().rstrip()
    assert dump(load(written)) == written


@pytest.mark.parametrize("path", RECORDS, ids=ids)
def test_every_timer_in_it_fires_to_the_end(path):
    story = going_on(path.stem, path.parent.name)
    held = set(story.record.timers)
    for _ in range(50):
        if story.record.timers:
            fire_next(story)
    assert not held & set(story.record.timers)


def test_a_running_step_takes_its_answer_and_the_page_goes_on():
    story = going_on("step-running")
    outputs = answered(story, "look")
    assert step(story, "look").status is StepStatus.SUCCEEDED
    [command] = [each for each in outputs if isinstance(each, StepCommand)]
    assert (command.step, command.attempt) == ("mend", 1)
    assert answered(story, "look") == [], "the same answer again"


def test_a_repeat_of_what_it_saw_changes_nothing():
    story = going_on("step-running")
    before = story.record
    assert story.alert(severity="critical", pod="cart-1") == []
    assert story.record.incidents == before.incidents


def test_a_running_step_times_out():
    story = going_on("step-running")
    kind, outputs = fire_next(story)
    assert kind is TimerKind.STEP_TIMEOUT
    assert step(story, "look").status is StepStatus.TIMED_OUT
    assert any(isinstance(each, IncidentEvent) for each in outputs)


def test_a_waiting_attempt_is_made_with_the_keys_of_the_first():
    story = going_on("retry-waiting")
    object_id = step(story, "look").object_id
    kind, outputs = fire_next(story)
    [command] = [each for each in outputs if isinstance(each, StepCommand)]
    assert (kind, command.attempt, command.object_id) == (TimerKind.STEP_RETRY, 2, object_id)


def test_a_wait_that_holds_ends_well():
    story = going_on("wait-holds")
    kind, _ = fire_next(story)
    assert (kind, step(story, "quiet").status) == (TimerKind.WAIT_HELD, StepStatus.SUCCEEDED)


def test_a_late_answer_settles_an_unknown_change():
    story = going_on("change-unknown")
    answered(story, "mend")
    assert step(story, "mend").status is StepStatus.SUCCEEDED


def test_a_resolved_incident_reopens_or_closes():
    again, over = going_on("resolved"), going_on("resolved")
    again.alert(severity="critical", pod="cart-1", starts=500)
    assert again.incident.reopened == 1
    assert fire_next(over)[0] is TimerKind.REOPEN_WINDOW
    assert over.record.incidents == {}


# --- what an older release can read


def shape(release):
    return json.loads((GOLDEN / release / "DomainRecord.avsc").read_text())


@pytest.mark.parametrize("release", RELEASES)
def test_the_shapes_are_compatible_both_ways(release):
    now, then = (parse(json.dumps(each)) for each in (schema_of(DomainRecord), shape(release)))
    for reader, writer in ((now, then), (then, now)):
        found = ReaderWriterCompatibilityChecker().get_compatibility(reader, writer)
        assert found.compatibility is SchemaCompatibilityType.compatible, found.messages


@pytest.mark.parametrize("release", RELEASES)
def test_what_is_not_written_means_the_same(release):
    """A field at its default is left out: the older release puts in its own."""
    now, then = fields_of(schema_of(DomainRecord)), fields_of(shape(release))
    assert [name for name in then if now[name].get("default") != then[name].get("default")] == []


@pytest.mark.parametrize("release", RELEASES)
def test_no_word_is_written_that_it_does_not_know(release):
    now, then = fields_of(schema_of(DomainRecord)), fields_of(shape(release))
    assert {
        name: words(now[name]) - words(then[name]) for name in then if words(now[name]) - words(then[name])
    } == {}


@pytest.mark.parametrize("release", RELEASES)
def test_what_the_engine_writes_fits_its_shape(release):
    older = parse_schema(shape(release))
    story = going_on("step-running")
    answered(story, "look")
    for _ in range(20):
        if story.record.timers:
            fire_next(story)
        assert validate(story.record.model_dump(by_alias=True), older, raise_errors=True)


def fields_of(schema):
    """Every field of every record in the schema, by `record.field`."""
    found = {}
    for each in nodes(schema):
        if each.get("type") == "record":
            found |= {f"{each['name']}.{field['name']}": field for field in each["fields"]}
    return found


def nodes(schema):
    if isinstance(schema, dict):
        yield schema
        for inner in schema.values():
            yield from nodes(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from nodes(inner)


def words(field):
    """The words that a field may hold: of a closed enum its symbols, of an open one those of its documentation."""
    listed = re.search(r"One of: ([^.]*)\.", field["doc"])
    symbols = {
        word for node in nodes(field["type"]) for word in node.get("symbols", ()) if "fields" not in node
    }
    return symbols | set(listed[1].split(", ") if listed else ())


def test_words_are_found():
    fields = fields_of(schema_of(DomainRecord))
    assert words(fields["Timer.kind"]) == {each.value for each in TimerKind}
    assert words(fields["Incident.status"]) == {each.value for each in IncidentStatus}


# --- what a newer release wrote


def grown(value, name=""):
    """The value with a field that nobody knows yet in every object."""
    if isinstance(value, list):
        return [grown(each) for each in value]
    if not isinstance(value, dict) or name == "output":
        return value
    more = {name: grown(each, name) for name, each in value.items()}
    return more if name in MAPS else {**more, "from_the_future": {"deep": [1, {"a": None}]}}


MAPS = ("incidents", "timers", "members", "labels", "annotations", "revisions", "refs")
"""Fields whose keys are not names of fields."""


@pytest.mark.parametrize("path", RECORDS, ids=ids)
def test_fields_of_a_newer_release_are_passed_over(path):
    newer = json.dumps(grown(json.loads(path.read_bytes()))).encode()
    assert newer.count(b"from_the_future") > 5
    assert load(newer) == load(path.read_bytes())
