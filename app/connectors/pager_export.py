"""Exports of other pagers: CSV or JSON lines, whatever their columns are called."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from difflib import get_close_matches
from io import StringIO
from typing import Any

from app.connectors.errors import OutsideError
from app.core.shadow.pages import PagerPage
from app.model.base import to_instant

COLUMNS: dict[str, tuple[str, ...]] = {
    "id": ("id", "incident_number", "incident_id", "alert_id", "tiny_id", "alias"),
    "at": ("at", "created_on", "created_at", "createdat", "triggered_at", "triggered_on"),
    "title": ("title", "description", "message", "summary"),
    "service": ("service", "service_name", "service.summary", "entity"),
    "to": (
        "to",
        "assigned_to",
        "assigned_to_user",
        "assigned_user_names",
        "assignments",
        "owner",
        "responders",
    ),
    "acknowledged_at": ("acknowledged_at", "acknowledged_on", "acknowledgedat", "seconds_to_first_ack"),
    "resolved_at": ("resolved_at", "resolved_on", "closed_at", "closedat"),
}
"""What we read, and by which headers it is known where nobody says so; the first that is there counts."""

_BETWEEN = re.compile(r"\s*[;,|]\s*")
_NO_LETTER = re.compile(r"[^a-z0-9.]+")
_NUMBER = re.compile(r"\d+(\.\d+)?")
_MILLISECONDS = 100_000_000_000
"""A number of seconds beyond this would be in the year 5138: so it counts milliseconds."""
_EPOCH_FROM = 100_000_000
"""A smaller number is no moment, but a length of time."""


class PagerExportError(OutsideError):
    """The file as a whole cannot be an export, or the column map names what is not there."""


@dataclass
class Export:
    """What was read of an export, and what was wrong with the rest."""

    pages: list[PagerPage] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    """`FILE:3: what is wrong; the mend`, in order."""
    without_zone: int = 0
    """How many pages say their time without a zone."""


def parse_columns(text: str) -> dict[str, str]:
    """Read a column map such as `at=created_on,to=assigned_to`: our name to the export's.

    Raises:
        PagerExportError: it is no such map, or names a field that we do not read.

    """
    columns = {}
    for pair in filter(None, (each.strip() for each in text.split(","))):
        ours, equals, theirs = (part.strip() for part in pair.partition("="))
        if not equals or not theirs:
            raise PagerExportError(f"{pair!r} is no column", "write FIELD=HEADER, such as at=created_on")
        if ours not in COLUMNS:
            close = get_close_matches(ours, COLUMNS, n=1)
            mend = f"did you mean {close[0]}?" if close else f"choose of {', '.join(COLUMNS)}"
            raise PagerExportError(f"{ours!r} is nothing that we read of an export", mend)
        columns[ours] = theirs
    return columns


def read_export(text: str, name: str, columns: Mapping[str, str], zone: tzinfo = UTC) -> Export:
    """Read an export; `name` is the file's, for what is wrong with it; `zone` holds for times that name none.

    Raises:
        PagerExportError: it is empty, has no column for the time, or the map names one that is not there.

    """
    export = Export()
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise PagerExportError(f"{name}: it is empty, without even a header", "export it again")
    rows = (
        _json_lines(text, name, export) if text.lstrip().startswith(("{", "[")) else _csv(text, name, export)
    )
    known: dict[frozenset[str], dict[str, str]] = {}
    for number, row in rows:  # lines of JSON need not all have the same fields
        headers = frozenset(row)
        if headers not in known:
            known[headers] = _chosen(row, columns, f"{name}:{number}")
        _take(row, known[headers], f"{name}:{number}", zone, export)
    return export


def _csv(text: str, name: str, export: Export) -> Iterator[tuple[int, dict[str, Any]]]:
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    headers: list[str] | None = None
    try:
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            if headers is None:
                headers = [_plain(cell) for cell in row]
            elif len(row) != len(headers):
                export.problems.append(
                    f"{name}:{reader.line_num}: {len(row)} cells where the header has {len(headers)};"
                    ' put a cell that holds a comma in "quotes"'
                )
            else:
                yield reader.line_num, dict(zip(headers, row, strict=True))
    except csv.Error as error:
        export.problems.append(f"{name}:{reader.line_num}: no CSV ({error}); export it again")


def _json_lines(text: str, name: str, export: Export) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            said = json.loads(line)
        except ValueError as error:
            said, why = None, f"not JSON ({error})"
        else:
            why = "no JSON object"
        if isinstance(said, dict):
            yield number, _flat(said)
        else:
            export.problems.append(
                f"{name}:{number}: {why}; write one object a line, such as `jq -c '.incidents[]'` does"
            )
            return  # a document over many lines would be wrong at each of them


def _flat(said: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Give nested objects' fields by their paths: `service.summary`."""
    flat: dict[str, Any] = {}
    for name, value in said.items():
        path = before + _plain(name)
        if isinstance(value, dict) and not before.count(".") > 1:
            flat |= _flat(value, f"{path}.")
        else:
            flat[path] = value
    return flat


def _chosen(row: Mapping[str, Any], columns: Mapping[str, str], place: str) -> dict[str, str]:
    """Give the header of each field that is there: as the map says, else as exports usually call it."""
    chosen = {}
    for ours, usual in COLUMNS.items():
        said = columns.get(ours)
        if said is not None and _plain(said) not in row:
            close = get_close_matches(_plain(said), row, n=1)
            mend = f"did you mean {close[0]}?" if close else f"there are {', '.join(row)}"
            raise PagerExportError(f"{place}: there is no column {said!r} for `{ours}`", mend)
        header = _plain(said) if said is not None else next((each for each in usual if each in row), None)
        if header is not None:
            chosen[ours] = header
    if "at" not in chosen:
        raise PagerExportError(
            f"{place}: no column says when a page was sent",
            f"name it: --columns at=HEADER; there are {', '.join(row) or 'none'}",
        )
    return chosen


def _take(
    row: Mapping[str, Any], chosen: Mapping[str, str], place: str, zone: tzinfo, export: Export
) -> None:
    problems: list[str] = []

    def moment(ours: str, begin: datetime | None = None) -> datetime | None:
        said = row.get(chosen.get(ours, ""))
        if said is None or not str(said).strip():
            return None
        read = _moment(str(said).strip(), begin)
        if read is None:
            problems.append(
                f"{place}: {chosen[ours]}: {str(said)[:40]!r} is no time; write it as 2026-11-24T03:00:00Z"
            )
        return read

    at = moment("at")
    if at is None:
        export.problems += problems or [f"{place}: {chosen['at']}: empty; a page needs the time it was sent"]
        return
    export.without_zone += at.tzinfo is None
    at = _in_zone(at, zone)
    acknowledged, resolved = moment("acknowledged_at", at), moment("resolved_at", at)
    export.problems += problems
    if not problems:
        page_id, title, service = (
            _text(row.get(chosen.get(ours, ""))) for ours in ("id", "title", "service")
        )
        export.pages.append(
            PagerPage(
                id=page_id or place,
                at=at,
                title=title,
                service=service,
                to=tuple(_people(row.get(chosen.get("to", "")))),
                acknowledged_at=_in_zone(acknowledged, zone) if acknowledged else None,
                resolved_at=_in_zone(resolved, zone) if resolved else None,
            )
        )


def _moment(text: str, begin: datetime | None) -> datetime | None:
    """Read RFC 3339 (a blank for the T will do), seconds or milliseconds since 1970, or seconds since `begin`."""
    if _NUMBER.fullmatch(text):
        number = float(text)
        if number < _EPOCH_FROM:
            return _later(begin, number) if begin is not None else None
        number = number / 1000 if number > _MILLISECONDS else number
        return datetime.fromtimestamp(number, UTC) if number < _MILLISECONDS else None
    try:
        read = datetime.fromisoformat(re.sub(r"\s+(UTC|Z)$", "Z", text))
    except ValueError:
        return None
    return read if len(text) > len("2026-11-24") else None


def _later(begin: datetime, seconds: float) -> datetime | None:
    try:
        return begin + timedelta(seconds=seconds)
    except OverflowError:
        return None


def _in_zone(read: datetime, zone: tzinfo) -> datetime:
    return to_instant(read.replace(tzinfo=zone) if read.tzinfo is None else read)


def _people(said: Any) -> Iterable[str]:
    parts = said if isinstance(said, list) else _BETWEEN.split(_text(said))
    return (name for name in map(_text, parts) if name)


def _text(said: Any) -> str:
    if isinstance(said, dict):  # a person or service of an API: by the name that people see
        return _text(
            next(
                (said[name] for name in ("summary", "name", "username", "assignee", "id") if name in said), ""
            )
        )
    return "" if said is None else str(said).strip()


def _plain(header: str) -> str:
    return _NO_LETTER.sub("_", header.strip().casefold()).strip("_")
