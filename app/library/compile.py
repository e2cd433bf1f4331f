"""Files become a library, or the list of all that is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from app.library.absences import read_absences
from app.library.budgets import check_budget
from app.library.conditions import check_conditions
from app.library.domains import placed_services
from app.library.endless import check_waits
from app.library.graph import check_graph
from app.library.hashes import library_hash
from app.library.links import check_links
from app.library.maintenance import read_maintenance
from app.library.manifests import read_manifests
from app.library.mentions import check_mentions
from app.library.page import ReadPage, read_page
from app.library.planned import check_calendars
from app.library.problems import Findings, LibraryError, Problem
from app.library.references import check_manifests, check_pages
from app.library.schedules import read_schedules
from app.library.uses import check_uses
from app.model.library import Library
from app.model.runbook import Runbook
from app.model.words import Mode

__all__ = ["LibraryError", "compile_library", "examine"]


def compile_library(files: Mapping[str, str]) -> Library:
    """Compile files (path to text).

    Raises:
        LibraryError: they have mistakes; it holds every one.

    """
    library, problems = examine(files)
    errors = [problem for problem in problems if problem.level == "error"]
    if errors:
        raise LibraryError(errors)
    return library


def examine(files: Mapping[str, str]) -> tuple[Library, list[Problem]]:
    """Give the library as far as it can be read, and every problem, in the order of path and line."""
    findings = {path: Findings(path) for path in sorted(files)}
    manifests = read_manifests(files, findings)
    check_manifests(manifests)
    read = [
        read_page(path, files[path], manifests, found)
        for path, found in findings.items()
        if path.endswith(".md")
    ]
    pages = [page for page in read if not _is_contents(page)]
    runbooks: dict[str, Runbook] = {}
    for page in pages:
        runbooks.setdefault(page.runbook.id, page.runbook)  # of several with one id the first is in force
    check_pages(pages, manifests)
    _check_each(read, runbooks, files)
    check_waits(pages, manifests.sources, manifests.rules.severity_label)
    away = read_absences(manifests, files, findings)
    check_calendars(files, manifests, findings)
    library = Library(
        hash=library_hash(files),
        rules=replace(manifests.rules, mode=manifests.mode or Mode.SHADOW),
        guards=manifests.guards,
        correlation=manifests.correlation,
        inhibit=tuple(manifests.inhibit),
        flapping=manifests.flapping,
        maintenance=read_maintenance(manifests, files, findings),
        runbooks=runbooks,
        teams=manifests.teams,
        services=placed_services(manifests),
        people=manifests.people,
        actions=manifests.actions,
        policies=manifests.policies,
        event_rules=tuple(manifests.events.values()),
        schedules=read_schedules(manifests, files, findings, away),
        away=away,
        heartbeats=manifests.heartbeats,
        sources=manifests.sources,
    )
    return library, sorted(problem for found in findings.values() for problem in found.problems)


def _check_each(pages: Sequence[ReadPage], runbooks: Mapping[str, Runbook], files: Mapping[str, str]) -> None:
    check_uses(pages, runbooks)
    bodies = {page.runbook.path: page.body for page in pages}
    for page in pages:
        check_graph(page)
        check_conditions(page)
        check_mentions(page, runbooks)
        check_budget(page, runbooks)
        check_links(page, files, bodies)


def _is_contents(page: ReadPage) -> bool:
    """Whether a page is the table of contents that site generators keep of a folder."""
    return page.runbook.path.rpartition("/")[2] == "_index.md" and not page.is_ours
