"""`maintenance`: when work is planned, once, by a recurrence rule, or by a calendar of the folder."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from app.library.contradictions import contradiction
from app.library.fields import Fields
from app.library.planned import read_calendars, read_times
from app.library.problems import Findings, suggest
from app.library.zones import read_zone
from app.model.noise import Maintenance, Once, Schedule

if TYPE_CHECKING:
    from app.library.manifests import Manifests


def read_maintenance(
    manifests: Manifests, files: Mapping[str, str], findings: Mapping[str, Findings]
) -> tuple[Maintenance, ...]:
    """Read all windows that the manifests name, in their order."""
    found: list[Maintenance] = []
    for fields in manifests.maintenance_said:
        zone = read_zone(fields)
        if fields.text("calendar"):
            planned = [
                (each.title, each.schedule) for _, each in read_calendars(fields, zone, files, findings)
            ]
        else:
            times = read_times(fields, zone)
            planned = [("", times)] if times is not None else []
        scope = _scope(fields, manifests)
        fields.finish()
        for title, schedule in planned:
            name = scope.name or str(len(found) + 1)
            found.append(_with(scope, name, schedule, scope.reason or title))
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
