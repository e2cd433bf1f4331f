"""Which runbook an alert gets, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from app.model.evidence import AlertView
from app.model.library import Library
from app.model.matchers import specificity
from app.model.runbook import Runbook


@dataclass(frozen=True)
class Selection:
    """The runbook, or none, with the named reason and all that came into question."""

    runbook: Runbook | None
    reason: str
    candidates: tuple[str, ...] = ()


def select(alert: AlertView, library: Library) -> Selection:
    """Select by explicit match, else by the last segment of `runbook_url`, else by the alert's name."""
    return (
        _by_match(alert, library)
        or _by_url(alert, library)
        or _by_name(alert, library)
        or Selection(None, "no_runbook")
    )


def _by_match(alert: AlertView, library: Library) -> Selection | None:
    labels = {**alert.labels, "severity": alert.severity.value}
    found = [
        ((*specificity(best), page.priority), page)
        for page in library.runbooks.values()
        if (best := page.match.best(labels)) is not None
        or (best := page.match.best(alert.labels)) is not None
    ]
    if not found:
        return None
    found.sort(key=lambda each: (each[0], each[1].id), reverse=True)
    names = tuple(page.id for _, page in found)
    if len(found) > 1 and found[0][0] == found[1][0]:
        return Selection(
            None, "ambiguous", tuple(sorted(page.id for rank, page in found if rank == found[0][0]))
        )
    return Selection(found[0][1], "match", names)


def _by_url(alert: AlertView, library: Library) -> Selection | None:
    try:
        path = urlsplit(alert.annotations.get("runbook_url", "")).path.rstrip("/")
    except ValueError:  # whatever the annotation says, it is no reason not to decide
        return None
    wanted = unquote(path.rsplit("/", 1)[-1]).removesuffix(".md").removesuffix(".html")
    return _named(wanted, "runbook_url", library, lambda page: (page.id, _stem(page)))


def _by_name(alert: AlertView, library: Library) -> Selection | None:
    return _named(alert.name, "alert_name", library, lambda page: (page.id, _stem(page)))


def _named(
    wanted: str, reason: str, library: Library, names: Callable[[Runbook], tuple[str, ...]]
) -> Selection | None:
    if not wanted:
        return None
    found = [
        page
        for page in library.runbooks.values()
        if wanted.casefold() in (name.casefold() for name in names(page))
    ]
    if len(found) > 1:
        return Selection(None, "ambiguous", tuple(sorted(page.id for page in found)))
    return Selection(found[0], reason, (found[0].id,)) if found else None


def _stem(page: Runbook) -> str:
    return page.path.rsplit("/", 1)[-1].removesuffix(".md")
