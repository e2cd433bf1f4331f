"""Records as bytes: whatever they are, a record or a RecordError that says where."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.record import RecordError, dump, load
from app.model.inputs import SystemEvent, SystemEventSignal, UserReport, UserReportSignal
from tests.core.estate import library, look, mend, page, quiet
from tests.core.story import Story
from tests.wire.damage import damaged_bytes, damaged_json


def a_record():
    story = Story(library(page(look(), mend(), quiet())))
    story.alert()
    story.deploys()
    return dump(story.record)


RECORD = a_record()
OFTEN = settings(deadline=None, max_examples=200, suppress_health_check=list(HealthCheck))


@OFTEN
@given(data=st.data())
def test_damaged_bytes(data):
    record_or_refused(data.draw(damaged_bytes(RECORD)))


@OFTEN
@given(data=st.data())
def test_damaged_fields(data):
    record_or_refused(json.dumps(data.draw(damaged_json(json.loads(RECORD)))).encode())


def record_or_refused(data):
    """Whatever else is raised fails the test."""
    try:
        record = load(data)
    except RecordError:
        return
    assert load(dump(record)) == record


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "begins b''"),
        (b'{"domain": 7}', "at domain"),
        (RECORD.replace(b'"firing"', b'"smouldering"'), r"alerts\.0\.status"),
        (RECORD.replace(b'"step_timeout"', b'"snooze_over"'), r"timers\..*\.kind"),
    ],
)
def test_what_is_no_record_is_told_with_the_way_out(data, told):
    with pytest.raises(RecordError, match=told) as caught:
        load(data)
    assert "run that release" in str(caught.value)


def test_long_words_of_events_and_people_do_not_fill_it():
    story = Story(library())
    story.alert(severity="critical")
    words = "x" * 16_000  # as much as intake takes
    for number in range(110):
        event = SystemEvent(id=f"e{number}", type="deploy", service="cart", summary=words, subject=words)
        story.happens(SystemEventSignal(event=event), f"system_event:{event.id}")
        report = UserReport(id=f"u{number}", text=words, reporter=words, service="cart")
        story.happens(UserReportSignal(report=report), f"user_report:{report.id}")
    assert len(dump(story.record)) < 400_000
