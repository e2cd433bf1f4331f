"""Whether two pages went to the same person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from app.core.shadow.pages import OurPage, PagerPage
from app.model.catalog import Person


class Recipient(StrEnum):
    """Whom the pager paged, beside whom we would have."""

    SAME = "same"
    OTHER = "other"
    UNKNOWN = "unknown"
    """It cannot be told: a schedule or channel stands on one side, or a name that the library's people do not bear."""


class Names:
    """The people of a library by all that they are called: id, name, identities (`pagerduty:PX1` and `PX1` alike)."""

    def __init__(self, people: Mapping[str, Person]) -> None:
        self._ids: dict[str, str] = {}
        for person in people.values():
            for name in (person.id, person.name, *person.identities):
                self._ids.setdefault(_plain(name), person.id)
                self._ids.setdefault(_plain(name.rpartition(":")[2]), person.id)
        self._ids.pop("", None)

    def person(self, called: str) -> str | None:
        """Give the id of whoever is called so, by name or mail address; None for nobody known."""
        plain = _plain(called)
        return self._ids.get(plain) or self._ids.get(plain.partition("@")[0])


def recipient(ours: OurPage, theirs: PagerPage, names: Names) -> Recipient:
    """Say whether both pages reached one person, or one target that bears the same name."""
    by_us, by_them = set(ours.people), {names.person(each) for each in theirs.to}
    if by_us & by_them or _targets(ours.targets) & {_plain(each) for each in theirs.to}:
        return Recipient.SAME
    people_alone = len(by_us) == len(ours.targets) and by_them and None not in by_them
    return Recipient.OTHER if people_alone else Recipient.UNKNOWN


def _targets(targets: Iterable[str]) -> set[str]:
    return {_plain(name) for target in targets for name in (target, target.partition(":")[2])}


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())
