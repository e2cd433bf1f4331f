"""What domains tell one another comes in like any input, and nobody else can say it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.domains import place_alert, place_event, place_report
from app.core.notices import notice_signal
from app.model.inputs import Alert, SystemEvent, UserReport
from app.model.notices import CONTROL, Notice
from app.model.signals import Source
from app.model.topics import RESPONSES
from app.model.words import NoticeKind
from app.settings import OutputFormat
from app.wire.codec import Codec
from tests.intake.helpers import LIBRARY, message, only_letter, signals, take

NOTICE = Notice(
    id="n1",
    kind=NoticeKind.PERMIT_ASKED,
    domain=CONTROL,
    sender="production/shop",
    permit_id="p",
    incident_id="i",
    action="kubernetes.cordon",
    targets=3,
)
PLAIN = json.loads(NOTICE.model_dump_json())


@pytest.mark.parametrize("fmt", OutputFormat)
def test_it_comes_to_the_domain_that_it_is_for(fmt):
    result = take(message(Codec(fmt).encode(NOTICE), topic="notices", offset=7))
    [batch] = result.batches
    assert (batch.domain, result.dead_letters) == (CONTROL, [])
    assert batch.signals == [notice_signal(NOTICE, Source(topic="notices", partition=3, offset=7))]
    assert batch.signals[0].body.notice == NOTICE


def test_read_again_it_has_the_same_identity():
    read = [message(PLAIN, topic="notices", offset=offset) for offset in (7, 8)]
    assert len({signal.identity for signal in signals(take(*read))}) == 1


BAD = {
    "null": (None, "null_value", ""),
    "no json": (b"{", "broken_json", ""),
    "without an id": (PLAIN | {"id": " "}, "missing_field", "id"),
    "for no domain": (PLAIN | {"domain": ""}, "missing_field", "domain"),
    "for a domain beyond all bounds": (PLAIN | {"domain": "x" * 1025}, "too_large", "domain"),
    "for a domain that the store keeps for itself": (
        PLAIN | {"domain": "__faust\0offset__"},
        "invalid_field",
        "domain",
    ),
    "from a domain that the store keeps for itself": (
        PLAIN | {"sender": "__faust\0offset__"},
        "invalid_field",
        "sender",
    ),
    "of no known kind": (PLAIN | {"kind": "permit_forged"}, "invalid_field", "kind"),
}


@pytest.mark.parametrize(("value", "reason", "field"), BAD.values(), ids=BAD)
def test_one_that_cannot_be_read_is_a_dead_letter(value, reason, field):
    letter = only_letter(value, topic="notices")
    assert (letter.topic, letter.reason, letter.field) == ("notices", reason, field)


@pytest.mark.parametrize("topic", ["responses", "step-results"])
def test_an_answer_cannot_smuggle_one_in(topic):
    answer = {"id": "a", "domain": CONTROL, "object_id": "o", "notice": PLAIN, "kind": "permit_granted"}
    [signal] = signals(take(message(answer | {"response": None}, topic=topic)))
    assert getattr(signal.body, "notice", None) is None


def test_a_response_to_control_need_not_name_an_incident():
    [batch] = take(message({"domain": CONTROL, "response": "pause"}, topic=RESPONSES)).batches
    assert batch.domain == CONTROL


NAME = st.sampled_from([CONTROL, "", "cart", " control ", "control/control"]) | st.text(max_size=8)


@settings(deadline=None)
@given(
    alert_labels=st.dictionaries(st.just("alertname") | NAME, NAME, min_size=1, max_size=4),
    name=NAME,
    env=NAME,
)
def test_nothing_else_is_placed_in_the_domain_of_control(alert_labels, name, env):
    labels = alert_labels | {"service": name, "environment": env}
    placements = [
        place_alert(Alert(labels=labels, fingerprint="f"), LIBRARY),
        place_event(SystemEvent(type="deploy", service=name, environment=env, source=name), LIBRARY),
        place_report(UserReport(text="t", service=name, environment=env), LIBRARY),
    ]
    assert CONTROL not in {placement.domain for placement in placements}
