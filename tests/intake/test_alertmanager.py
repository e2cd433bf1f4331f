"""Alertmanager's webhook, version 4."""

from __future__ import annotations

import pytest

from app.intake.alertmanager import WebhookError, read_webhook

ALERT = {
    "status": "firing",
    "labels": {"alertname": "KubePodCrashLooping", "pod": "cart-1"},
    "annotations": {"summary": "crash looping"},
    "startsAt": "2026-11-03T03:07:00.123456789Z",
    "endsAt": "0001-01-01T00:00:00Z",
    "generatorURL": "http://prometheus.example.org/graph",
    "fingerprint": "0123456789abcdef",
}
BODY = {
    "version": "4",
    "groupKey": '{}:{alertname="KubePodCrashLooping"}',
    "truncatedAlerts": 0,
    "status": "firing",
    "receiver": "oncall",
    "groupLabels": {},
    "commonLabels": {},
    "commonAnnotations": {},
    "externalURL": "http://alertmanager.example.org",
    "alerts": [ALERT],
}


def test_its_alerts_are_read():
    webhook = read_webhook(BODY)
    (alert,) = webhook.alerts
    assert webhook.group_key == BODY["groupKey"]
    assert (alert.labels, alert.fingerprint, alert.status) == (ALERT["labels"], "0123456789abcdef", "firing")


def test_no_alerts_are_fine():
    assert read_webhook(BODY | {"alerts": []}).alerts == []


def test_what_was_cut_off_is_an_alert_of_its_own():
    *_, told = read_webhook(BODY | {"truncatedAlerts": 7}).alerts
    assert told.name == "AlertmanagerTruncatedAlerts"
    assert (told.labels["receiver"], told.labels["severity"], told.status) == ("oncall", "warning", "firing")
    assert any("7" in text for text in told.annotations.values())


def test_groups_that_were_cut_are_told_apart_and_repeats_are_not():
    def labels(**fields):
        return read_webhook(BODY | {"truncatedAlerts": 7} | fields).alerts[-1].labels

    assert labels() == labels(truncatedAlerts=9)
    assert labels() != labels(groupKey="another")


BAD = {
    "a list": ([], ""),
    "null": (None, ""),
    "no version": ({key: value for key, value in BODY.items() if key != "version"}, "version"),
    "another version": (BODY | {"version": "3"}, "version"),
    "a number for the version": (BODY | {"version": 4}, "version"),
    "alerts of another shape": (BODY | {"alerts": {}}, "alerts"),
    "an alert that is none": (BODY | {"alerts": [ALERT, 7]}, "alerts[1]"),
    "an alert without labels": (BODY | {"alerts": [{**ALERT, "labels": {}}]}, "alerts[0].labels"),
    "a label that is a number": (BODY | {"alerts": [{**ALERT, "labels": {"a": 1}}]}, "alerts[0].labels.a"),
    "a time that is none": (BODY | {"alerts": [ALERT, {**ALERT, "endsAt": "late"}]}, "alerts[1].endsAt"),
    "truncated by a word": (BODY | {"truncatedAlerts": "some"}, "truncatedAlerts"),
    "truncated below zero": (BODY | {"truncatedAlerts": -1}, "truncatedAlerts"),
}


@pytest.mark.parametrize(("body", "field"), BAD.values(), ids=BAD)
def test_what_cannot_be_taken_names_the_field(body, field):
    with pytest.raises(WebhookError) as caught:
        read_webhook(body)
    assert caught.value.field == field
    assert field in str(caught.value)
