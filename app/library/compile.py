"""Files become a library, or the list of all that is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from app.library.hashes import library_hash
from app.library.manifests import Manifests, read_manifest
from app.library.page import read_page
from app.library.problems import Findings, LibraryError, Problem
from app.library.references import check_manifests, check_pages
from app.model.library import Library
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
    manifests = Manifests()
    findings = {path: Findings(path) for path in sorted(files)}
    for path, found in findings.items():
        if path.endswith((".yaml", ".yml")):
            read_manifest(files[path], found, manifests)
    check_manifests(manifests)
    pages = [
        read_page(path, files[path], manifests.actions, found)
        for path, found in findings.items()
        if path.endswith(".md")
    ]
    check_pages(pages, manifests)
    library = Library(
        hash=library_hash(files),
        rules=replace(manifests.rules, mode=manifests.mode or Mode.SHADOW),
        runbooks={page.id: page for page, _ in pages},
        teams=manifests.teams,
        services=manifests.services,
        people=manifests.people,
        actions=manifests.actions,
        policies=manifests.policies,
    )
    return library, sorted(problem for found in findings.values() for problem in found.problems)
