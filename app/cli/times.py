"""Times that a person types."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from app.cli.errors import CommandError


def read_time(text: str, zone: tzinfo) -> datetime:
    """Read a moment, in UTC: as it bears its zone, else in this one; CommandError where it is none."""
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise CommandError(
            f"{text!r} is no time; write it as 2026-12-24, 2026-12-24T03:00 or 2026-12-24T03:00+01:00"
        ) from error
