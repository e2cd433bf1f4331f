"""Alerts, valid ones and what may be done to their fields."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta

ODD_TEXTS = (
    "\x00",
    "\u202egnp.exe",
    "e\u0301\u0327" * 20,
    "\U0001f525" * 50,
    "\ufeff",
    "\uffff",
    "a\r\nb\tc",
    "' OR 1=1 --",
    "${{ trigger.labels.pod }}",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "=,%~/",
    "\u2028",
    "null",
    "9" * 400,
)
ODD_MOMENTS = (
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(1, 1, 2, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC),
    datetime(2262, 4, 12, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999000, tzinfo=UTC),
)
ODD_TIMES = (
    "0001-01-01T00:00:00Z",
    "2026-11-24T02:00:00.123456789+05:30",
    "2026-11-24t02:00:00z",
    "2026-11-24T02:00",
    "9999-12-31T23:59:59-12:00",
    "2026-02-30T00:00:00Z",
    "2026-11-24T25:00:00Z",
    "10000-01-01T00:00:00Z",
    "2026-11-24",
    "2026",
    "soon",
    "",
    1_764_000_000,
    -1,
    1.5,
    True,
    [],
)
WRONG = (None, 7, -(2**63), 2.5, True, "text", [], ["a"], {}, {"a": 1}, [[]], {"a": {"b": {}}})
FIELDS = ("labels", "annotations", "status", "startsAt", "endsAt", "generatorURL", "fingerprint")
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def valid(random):
    """Give a valid alert."""
    began = NOW - timedelta(milliseconds=random.randrange(10**9))
    labels = {
        "alertname": f"Alert{random.randrange(40)}",
        "namespace": f"space-{random.randrange(4000)}",
        "pod": f"pod-{random.randrange(50)}",
        "severity": random.choice(("critical", "error", "warning", "info", "none", "page", "P1")),
    }
    alert = {"labels": labels, "annotations": {"summary": "It is slow", "description": "x" * 40}}
    if random.random() < 0.9:
        alert["startsAt"] = began
    if random.random() < 0.3:
        alert |= {"status": "resolved", "endsAt": began + timedelta(minutes=5)}
    elif random.random() < 0.5:
        alert["status"] = "firing"
    return alert


# --- the alerts, whatever they are written as


def _odd_text(random, alert):
    where = random.choice(("labels", "annotations"))
    alert[where] = {**alert[where], random.choice(ODD_TEXTS): random.choice(ODD_TEXTS)}


def _odd_namespace(random, alert):
    alert["labels"]["namespace"] = random.choice(ODD_TEXTS)


def _odd_moment(random, alert):
    alert[random.choice(("startsAt", "endsAt"))] = random.choice(ODD_MOMENTS)


def _no_labels(_, alert):
    alert["labels"] = {}


def _blank_labels(random, alert):
    blank = random.choice(("", " ", "\t\n", "\u2003"))
    alert["labels"] = dict.fromkeys(alert["labels"], blank)


def _large_label(random, alert):
    alert["labels"]["dump"] = "x" * random.choice((4096, 4097, 20_000))


def _many_labels(random, alert):
    alert["labels"] |= {f"l{each}": "v" for each in range(random.choice((60, 61, 200)))}


def _large_annotation(random, alert):
    alert["annotations"]["dump"] = random.choice("xé\U0001f525") * random.choice((16_384, 16_385))


def _large_whole(random, alert):
    alert["annotations"] |= {f"a{each}": "y" * 12_000 for each in range(random.choice((5, 5, 5, 30)))}


def _own_fingerprint(random, alert):
    alert["fingerprint"] = random.choice(("00000000deadbeef", " ABC ", "\x00", "f" * 256, "f" * 257))


def _long_url(random, alert):
    alert["generatorURL"] = "http://" + "u" * random.choice((10, 16_377, 16_378))


ANY = {
    "odd text": _odd_text,
    "odd namespace": _odd_namespace,
    "odd moment": _odd_moment,
    "no labels": _no_labels,
    "blank labels": _blank_labels,
    "large label": _large_label,
    "many labels": _many_labels,
    "large annotation": _large_annotation,
    "large as a whole": _large_whole,
    "own fingerprint": _own_fingerprint,
    "long URL": _long_url,
}

# --- alerts in JSON, where fields may be of any type


def _wrong(random):
    """Give a value of some type; a copy, for further mutations may change it."""
    return copy.deepcopy(random.choice(WRONG))


def _wrong_type(random, alert):
    alert[random.choice(FIELDS)] = _wrong(random)


def _wrong_label(random, alert):
    if isinstance(alert.get("labels"), dict):
        alert["labels"][random.choice(("alertname", "code"))] = _wrong(random)


def _odd_time(random, alert):
    alert[random.choice(("startsAt", "endsAt"))] = random.choice(ODD_TIMES)


def _wrong_status(random, alert):
    alert["status"] = random.choice(("Firing", "pending", "", "resolved "))


def _missing(random, alert):
    alert.pop(random.choice(FIELDS), None)


def _renamed(random, alert):
    for old, new in (("startsAt", "starts_at"), ("labels", "Labels")):
        if old in alert and random.random() < 0.5:
            alert[new] = random.choice((alert.pop(old), 7))


def _unknown_fields(random, alert):
    alert["receiver"] = _wrong(random)


def _deep(random, alert):
    nested = "deep"
    for _ in range(random.choice((5, 150, 250, 900))):
        nested = [nested] if random.random() < 0.5 else {"a": nested}
    alert[random.choice(("labels", "annotations", "more"))] = nested


JSON_ONLY = {
    "wrong type": _wrong_type,
    "wrong label": _wrong_label,
    "odd time": _odd_time,
    "wrong status": _wrong_status,
    "missing field": _missing,
    "renamed field": _renamed,
    "unknown field": _unknown_fields,
    "deep nesting": _deep,
}
