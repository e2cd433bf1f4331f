"""What must become of a message on `alerts`, by fastavro, json and the documents alone.

An alert is **valid** if fastavro reads it with the schemas in schemas/ (for JSON: if fastavro's validation accepts it after its
times were read as RFC 3339). Of the valid ones, those **refused by a rule** have no label that says anything, or are larger
than docs/connectors.md permits: these go to the dead letters with that reason. All others are **invalid**.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from fastavro.validation import validate

from tests.fuzz import wire

VALID, BY_RULE, INVALID, EITHER = "valid", "by rule", "invalid", "either"

LABELS = ANNOTATIONS = 64
NAME, LABEL_VALUE, TEXT, FINGERPRINT = 256, 4 * 1024, 16 * 1024, 256
WHOLE, BAND = 256 * 1024, 16 * 1024
"""The most bytes of an alert as it stands on `signals`, and how far below that our own measure is not sure."""
DEPTH = 200
"""How deep JSON may nest."""

_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt _](\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)(?:[Zz]|([+\-\u2212]\d\d:?[0-5]\d))?", re.ASCII
)
"""RFC 3339, and what is near it: no seconds, no zone, a blank for the T."""
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Verdict:
    """What must become of an alert, or of a message that cannot be opened."""

    kind: str
    why: str = ""
    index: int | None = None
    """Its place in the list; None for what stands alone."""
    alert: dict | None = None
    """The alert, where it can be read."""


def judge(value):
    """Give the verdict on each alert of a message; one, invalid, if it cannot be opened."""
    try:
        entries, is_list = _open(value)
    except (wire.NoDatum, ValueError) as error:
        return [Verdict(INVALID, str(error))]
    return [_judge_one(entry, at if is_list else None, value) for at, entry in enumerate(entries)]


def _open(value):
    if value is None:
        raise wire.NoDatum("no value")
    if value.startswith(wire.MARKER):
        name, datum = wire.read(value, "Alert", "AlertList")
        return (datum["alerts"], True) if name == "AlertList" else ([datum], False)
    plain = _json(value)
    if isinstance(plain, list):
        return plain, True
    if not isinstance(plain, dict):
        raise wire.NoDatum("no object and no list")
    inside = plain.get("alerts")
    return (inside, True) if isinstance(inside, list) else ([plain], False)


def _json(value):
    text = value.removeprefix(_BOM).decode("utf-8")
    if not text.lstrip(" \t\r\n").startswith(("{", "[")):
        raise wire.NoDatum("neither Avro nor JSON")
    if _depth(text) > DEPTH:
        raise wire.NoDatum("nested too deep")
    plain = json.loads(text, parse_constant=_no_number)
    json.dumps(plain, ensure_ascii=False).encode()  # half a surrogate is no text
    return plain


def _no_number(name):
    raise wire.NoDatum(f"{name} is no JSON")


def _depth(text):
    """How deep it nests, brackets in its texts aside."""
    deepest = depth = 0
    for each in re.sub(r'"(?:[^"\\]|\\.)*"', "", text):
        if each in "[{":
            deepest = max(deepest, depth := depth + 1)
        elif each in "]}":
            depth -= 1
    return deepest


def _judge_one(entry, index, value):
    alert = entry if value.startswith(wire.MARKER) else _from_json(entry)
    if alert is None or not validate(alert, wire.PARSED["Alert"], raise_errors=False):
        return Verdict(INVALID, "no alert by fastavro", index)
    why = _rule_against(alert)
    kind = VALID if not why else EITHER if why == "about too large" else BY_RULE
    return Verdict(kind, why, index, alert)


def _from_json(entry):
    """Give a JSON object as fastavro wants it: null as good as absent, times as moments; None if it cannot be."""
    if not isinstance(entry, dict):
        return None
    alert = {name: said for name, said in entry.items() if said is not None}
    for name in ("startsAt", "endsAt"):
        if name in alert:
            alert[name] = _moment(alert[name])
            if alert[name] is None:
                return None
    return alert


def _moment(said):
    found = _TIME.fullmatch(said) if isinstance(said, str) else None
    if found is None:
        return None
    day, time, zone = found.groups()
    time, _, fraction = time.replace(",", ".").partition(".")
    zone = (zone or "+00:00").replace("\u2212", "-")
    try:
        moment = datetime.fromisoformat(f"{day}T{time}{zone}")
        moment = moment.replace(microsecond=int(fraction[:3].ljust(3, "0")) * 1000 if fraction else 0)
        return moment.astimezone(UTC)
    except OverflowError:  # in UTC it lies before the year 1 or after 9999
        return moment.replace(tzinfo=UTC)
    except ValueError:
        return None


def labels_of(alert):
    """Give the labels that say something."""
    return {name: said.strip() for name, said in alert["labels"].items() if said.strip()}


def _rule_against(alert):
    """Give why a documented rule refuses a valid alert; empty if none does."""
    labels, annotations = alert["labels"], alert.get("annotations", {})
    too_many = len(labels) > LABELS or len(annotations) > ANNOTATIONS
    too_long = (
        any(len(name) > NAME for name in (*labels, *annotations))
        or any(len(said) > LABEL_VALUE for said in labels.values())
        or any(len(said) > TEXT for said in annotations.values())
        or len(alert.get("generatorURL", "")) > TEXT
        or len(alert.get("fingerprint", "")) > FINGERPRINT
    )
    if too_many or too_long:
        return "too_large"
    if not labels_of(alert):
        return "missing_field"
    said = [labels, annotations, alert.get("generatorURL", ""), alert.get("fingerprint", "")]
    size = len(json.dumps(said, ensure_ascii=False).encode())
    if size > WHOLE:
        return "too_large"
    return "about too large" if size > WHOLE - BAND else ""
