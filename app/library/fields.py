"""Reading the fields of a YAML map: each with its type, each mistake at its place, none left unread."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import MAXYEAR, MINYEAR, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Any, TypeVar

from app.library.located import Located, Place
from app.library.problems import Findings, suggest
from app.model.base import to_instant
from app.model.durations import parse_duration
from app.model.matchers import Match, Matcher, MatcherError, doubled, parse_matcher

__all__ = ["MAX_DURATION", "Fields", "parse_duration", "scalar_of"]

E = TypeVar("E", bound=StrEnum)

_ANY_YEAR = range(MINYEAR, MAXYEAR + 1)
MAX_DURATION = timedelta(days=366)


class Fields:
    """A map whose fields are asked for one by one; `finish` reports those that nobody asked for."""

    def __init__(self, located: Located | None, findings: Findings, what: str) -> None:
        self.findings, self.what = findings, what
        self._asked: list[str] = []
        self.place: Place = located.place if located else (1, 1)
        self._keys: dict[str, Place] = {}
        self._values: dict[str, Located] = {}
        if located is not None and located.value is not None:
            if isinstance(located.value, dict):
                self._values, self._keys = located.value, located.keys
            else:
                findings.error(located.place, f"{what} is no map", "write it as name: value lines")

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def names(self) -> list[str]:
        """Give the names that are there, in order."""
        return list(self._values)

    def located(self, name: str) -> Located | None:
        """Give a field as it is; None where it is missing or null."""
        self._asked.append(name)
        found = self._values.get(name)
        return found if found is not None and found.value is not None else None

    def place_of(self, name: str) -> Place:
        """Give the place of a field's value, or of the map."""
        found = self._values.get(name)
        return found.place if found else self.place

    def text(self, name: str, default: str = "") -> str:
        """Give a text; numbers and booleans are taken as they are written."""
        found = self.located(name)
        if found is None:
            return default
        if isinstance(found.value, list | dict):
            self.findings.error(found.place, f"{name} is no text", "write one line of text")
            return default
        return str(found.value) if not isinstance(found.value, bool) else str(found.value).lower()

    def whole(self, name: str, default: int, *, least: int = 0, most: int = 1_000_000) -> int:
        """Give a whole number."""
        found = self.located(name)
        if found is None:
            return default
        if (
            isinstance(found.value, bool)
            or not isinstance(found.value, int)
            or not least <= found.value <= most
        ):
            self.findings.error(found.place, f"{name} is no whole number from {least} to {most}")
            return default
        return found.value

    def number(self, name: str, default: float, *, least: float = 0, most: float = 1_000_000) -> float:
        """Give a number, which may have decimals."""
        found = self.located(name)
        if found is None:
            return default
        value = found.value
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            self.findings.error(found.place, f"{name} is no number from {least:g} to {most:g}")
            return default
        return float(value)

    def flag(self, name: str, *, default: bool) -> bool:
        """Give a boolean."""
        found = self.located(name)
        if found is None:
            return default
        if not isinstance(found.value, bool):
            self.findings.error(found.place, f"{name} is neither true nor false")
            return default
        return found.value

    def duration(self, name: str, default: timedelta) -> timedelta:
        """Give a duration, which bears its units."""
        found = self.located(name)
        if found is None:
            return default
        read = parse_duration(found.value)
        if read is None or read > MAX_DURATION:
            mend = "write it with its units, such as 30s, 5m or 1h30m"
            self.findings.error(found.place, f"{name}: {found.value!r} is no duration", mend)
            return default
        return read

    def moment(
        self,
        name: str,
        zone: tzinfo | None = None,
        *,
        years: range = _ANY_YEAR,
        mend: str = "write it with its zone, such as 2026-12-24T00:00:00Z",
    ) -> datetime | None:
        """Give a moment in UTC, local in `zone` where it bears none of its own; None where it is missing or none."""
        found = self.located(name)
        if found is None:
            return None
        try:
            moment = datetime.fromisoformat(str(found.value))
        except ValueError:
            moment = None
        if moment is not None and moment.tzinfo is None and zone is not None:
            moment = moment.replace(tzinfo=zone)
        if moment is None or moment.tzinfo is None or moment.year not in years:
            self.findings.error(found.place, f"{name}: {found.value!r} is no moment", mend)
            return None
        return to_instant(moment)

    def word(self, name: str, words: type[E]) -> E | None:
        """Give one word of a closed list; None where it is missing."""
        found = self.located(name)
        if found is None:
            return None
        known = [word.value for word in words]
        if found.value not in known:
            self.findings.error(
                found.place, f"{name}: {found.value!r} is unknown", suggest(str(found.value), known)
            )
            return None
        return words(found.value)

    def texts(self, name: str) -> tuple[str, ...]:
        """Give a list of texts; a single text is a list of one."""
        return tuple(str(each.value) for each in self.items(name) if self._is_scalar(each, name))

    def items(self, name: str) -> list[Located]:
        """Give a list's values; a value that is no list is a list of one."""
        found = self.located(name)
        if found is None:
            return []
        return found.value if isinstance(found.value, list) else [found]

    def entries(self, name: str) -> dict[str, Located]:
        """Give a map's values."""
        found = self.located(name)
        if found is None:
            return {}
        if not isinstance(found.value, dict):
            self.findings.error(found.place, f"{name} is no map", "write it as name: value lines")
            return {}
        return found.value

    def key_places(self, name: str) -> dict[str, Place]:
        """Give the places of a map's keys."""
        found = self._values.get(name)
        return found.keys if found else {}

    def match(self, name: str = "match") -> Match:
        """Give matchers: a list whose lines must all hold, or `any:` with a list of such lists."""
        found = self.located(name)
        if found is None:
            return Match()
        if isinstance(found.value, dict):
            inner = Fields(found, self.findings, name)
            groups = [each.value if isinstance(each.value, list) else [each] for each in inner.items("any")]
            inner.finish()
        else:
            groups = [found.value if isinstance(found.value, list) else [found]]
        return Match(tuple(group for group in map(self._group, groups) if group))

    def matchers(self, name: str) -> tuple[Matcher, ...]:
        """Give a list of matchers that must all hold; a single one is a list of one."""
        return self._group(self.items(name))

    def finish(self) -> None:
        """Report every field that is not known."""
        for name in self._values:
            if name not in self._asked:
                known = sorted(set(self._asked))
                self.findings.error(self._keys[name], f"{self.what} has no {name!r}", suggest(name, known))

    def _group(self, lines: Sequence[Located]) -> tuple[Matcher, ...]:
        read = []
        for line in lines:
            try:
                read.append(parse_matcher(str(line.value)))
            except MatcherError as error:
                self.findings.error(line.place, str(error))
                continue
            if (meant := doubled(str(line.value))) is not None:
                words = f"{str(line.value)!r}: the value begins with a second ="
                self.findings.advise(line.place, words, f"write it as {meant}")
        return tuple(read)

    def _is_scalar(self, each: Located, name: str) -> bool:
        if isinstance(each.value, list | dict) or each.value is None:
            self.findings.error(each.place, f"{name}: an entry is no text")
            return False
        return True


def scalar_of(value: Any) -> bool:
    """Say whether a plain value is a scalar."""
    return value is None or isinstance(value, bool | int | float | str)
