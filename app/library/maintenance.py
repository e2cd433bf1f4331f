"""`maintenance`: when work is planned, once, by a recurrence rule, or by a calendar of the folder."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from app.library.calendars import read_calendar
from app.library.contradictions import contradiction
from app.library.fields import Fields
from app.library.problems import Findings, suggest
from app.library.recurrence import Recurring, RuleError
from app.library.zones import zone_names, zone_of
from app.model.noise import Maintenance, Once, Schedule

if TYPE_CHECKING:
    from app.library.manifests import Manifests

SUFFIX = ".ics"
_YEARS = range(1970, 2400)


def read_maintenance(
    manifests: Manifests, files: Mapping[str, str], findings: Mapping[str, Findings]
) -> tuple[Maintenance, ...]:
    """Read all windows that the manifests name, in their order; of files with calendars each must be named."""
    found: list[Maintenance] = []
    named: set[str] = set()
    for fields in manifests.maintenance_said:
        path = fields.text("calendar")
        named.add(path)
        zone = _zone(fields)
        planned = _calendar(path, fields, zone, files, findings) if path else _own(fields, zone)
        scope = _scope(fields, manifests)
        fields.finish()
        for title, schedule in planned:
            name = scope.name or str(len(found) + 1)
            found.append(_with(scope, name, schedule, scope.reason or title))
    for path in files:
        if path.endswith(SUFFIX) and path not in named:
            mend = f"name it in a manifest, as maintenance: [{{calendar: {path}}}]"
            findings[path].advise((1, 1), "no manifest names this calendar, so it mutes nothing", mend)
    return tuple(found)


def _with(scope: Maintenance, name: str, schedule: Schedule, reason: str) -> Maintenance:
    return Maintenance(name, schedule, reason, scope.services, scope.teams, scope.matchers)


def _scope(fields: Fields, manifests: Manifests) -> Maintenance:
    """Read whom the windows concern."""
    for kind, known in (("services", manifests.services), ("teams", manifests.teams)):
        for each in fields.items(kind):
            if str(each.plain()) not in known:
                mend = suggest(str(each.plain()), sorted(known)) if known else f"there are no {kind} at all"
                fields.findings.error(each.place, f"maintenance.{kind}: {each.plain()!r} is unknown", mend)
    matchers = fields.matchers("matchers")
    if why := contradiction(matchers):
        words = f"matchers can never match: {why}"
        fields.findings.error(fields.place_of("matchers"), words, "take one of them out")
    return Maintenance(
        name=fields.text("name"),
        schedule=_NEVER,
        reason=fields.text("reason"),
        services=fields.texts("services"),
        teams=fields.texts("teams"),
        matchers=matchers,
    )


_NEVER = Once(datetime.max.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


def _calendar(
    path: str, fields: Fields, zone: tzinfo | None, files: Mapping[str, str], findings: Mapping[str, Findings]
) -> list[tuple[str, Schedule]]:
    for name in ("start", "end", "duration", "rrule"):
        if name in fields:
            words = f"{name}: beside calendar:, whose events say when"
            fields.findings.error(fields.place_of(name), words, "take it out")
        fields.located(name)
    if path not in files or not path.endswith(SUFFIX):
        known = [each for each in files if each.endswith(SUFFIX)]
        mend = suggest(path, known) if known else f"there is no {SUFFIX} file in the folder"
        fields.findings.error(fields.place_of("calendar"), f"there is no calendar {path!r}", mend)
        return []
    return [(each.title, each.schedule) for each in read_calendar(files[path], findings[path], zone)]


def _own(fields: Fields, zone: tzinfo | None) -> list[tuple[str, Schedule]]:
    start, rule = _moment("start", fields, zone), fields.text("rrule")
    schedule = _recurring(rule, start, fields, zone) if rule else _one(start, fields, zone)
    return [("", schedule)] if schedule is not None else []


def _one(start: datetime | None, fields: Fields, zone: tzinfo | None) -> Schedule | None:
    length = fields.duration("duration", timedelta())
    end = _moment("end", fields, zone)
    if "end" in fields and "duration" in fields:
        fields.findings.error(
            fields.place_of("duration"), "it has both end: and duration:", "keep one of them"
        )
        return None
    if end is None and start is not None and length:
        end = start + length
    if start is None or end is None:
        _needs("start", fields)
        if not {"end", "duration"} & set(fields.names()):
            _needs("end", fields)
        return None
    if end <= start:
        fields.findings.error(fields.place_of("end"), "the window ends before it begins", "turn them round")
        return None
    return Once(start, end)


def _recurring(rule: str, start: datetime | None, fields: Fields, zone: tzinfo | None) -> Schedule | None:
    length = fields.duration("duration", timedelta())
    if "end" in fields:
        words = "a window by rrule has a duration: and no end:"
        fields.findings.error(fields.place_of("end"), words, "write how long it lasts; UNTIL ends the rule")
    fields.located("end")
    if start is None or not length:
        _needs("start", fields)
        if not length:
            fields.findings.error(
                fields.place_of("duration"), "a window by rrule needs duration:", "such as 2h"
            )
        return None
    own = zone or UTC
    try:
        return Recurring(rule, start.astimezone(own).replace(tzinfo=None), length, own)
    except RuleError as error:
        words = f"rrule: {error}"
        fields.findings.error(fields.place_of("rrule"), words, "write it as FREQ=WEEKLY;BYDAY=SU")
        return None


def _needs(name: str, fields: Fields) -> None:
    if name not in fields:
        words = f"a maintenance window needs {name}:"
        fields.findings.error(
            fields.place, words, "such as 2026-12-01T22:00:00, with timezone:, or calendar:"
        )


def _moment(name: str, fields: Fields, zone: tzinfo | None) -> datetime | None:
    mend = "write it as 2026-12-01T22:00:00 beside a timezone:, or as 2026-12-01T21:00:00Z"
    return fields.moment(name, zone, years=_YEARS, mend=mend)


def _zone(fields: Fields) -> tzinfo | None:
    name = fields.text("timezone")
    if not name:
        return None
    zone = zone_of(name)
    if zone is None:
        mend = suggest(name, sorted(zone_names())) if "/" in name else "write it as Europe/Berlin"
        fields.findings.error(fields.place_of("timezone"), f"timezone: {name!r} is unknown", mend)
        return UTC
    return zone
