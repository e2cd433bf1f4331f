"""Runbooks that use one another: what is used exists, gets what it needs, and never leads back to itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.core.bounds import DEPTH
from app.library.fields import Fields
from app.library.page import ReadPage
from app.library.params import check_params
from app.library.problems import suggest
from app.model.catalog import Parameter
from app.model.runbook import Runbook, Step

MAX_ALTOGETHER = 500
"""How many steps a page may have with those of all runbooks it uses."""


def check_uses(pages: Sequence[ReadPage], runbooks: Mapping[str, Runbook]) -> None:
    """Check the steps that use other runbooks."""
    graph = {
        name: {step.uses for step in each.steps if step.uses in runbooks} for name, each in runbooks.items()
    }
    knotted = _leading_into_circles(graph)
    for page in pages:
        _check_inputs(page)
        users = [(read.step, read.fields) for read in page.steps.values() if read.step.uses]
        for step, fields in users:
            _check_one(page, step, fields, runbooks)
        if page.runbook.id in knotted:
            _check_circle(page, users, graph)
        elif users:
            _check_size(page, users[0][1], runbooks)


def _check_inputs(page: ReadPage) -> None:
    """An alert that selects a page gives it no inputs."""
    needed = [name for name, each in page.runbook.inputs.items() if each.required and each.default is None]
    if needed and page.runbook.match.alternatives:
        words = f"alerts select this page and give it no {needed[0]}, so that it could not be started"
        mend = "give the input a default:, or take match: out"
        page.findings.error(page.fields.key_places("inputs")[needed[0]], words, mend)


def _check_one(page: ReadPage, step: Step, fields: Fields, runbooks: Mapping[str, Runbook]) -> None:
    place, used = fields.place_of("uses"), runbooks.get(step.uses)
    if used is None:
        others = sorted(name for name, each in runbooks.items() if each.steps and name != page.runbook.id)
        page.findings.error(place, f"uses: there is no runbook {step.uses!r}", suggest(step.uses, others))
    elif not used.steps:
        words = f"uses: {step.uses} is a checklist, which has no steps"
        page.findings.error(place, words, "use a runbook with steps, or write manual:")
    else:
        wanted = [
            Parameter(each.name, each.type, each.required and each.default is None)
            for each in used.inputs.values()
        ]
        check_params(f"runbook {used.id}", step.params, wanted, fields, place)


def _leading_into_circles(graph: Mapping[str, set[str]]) -> set[str]:
    """Give the runbooks from which one comes into a circle."""
    left = {name: len(used) for name, used in graph.items()}
    users: dict[str, list[str]] = {}
    for name, used in graph.items():
        for other in used:
            users.setdefault(other, []).append(name)
    leaves = [name for name, count in left.items() if not count]
    for leaf in leaves:  # grows while it is gone through
        del left[leaf]
        for user in users.get(leaf, ()):
            left[user] -= 1
            if not left[user]:
                leaves.append(user)
    return set(left)


def _check_circle(page: ReadPage, users: list[tuple[Step, Fields]], graph: Mapping[str, set[str]]) -> None:
    start = page.runbook.id
    before = dict.fromkeys(sorted(graph[start]), start)
    queue = list(before)
    for name in queue:  # grows while it is gone through
        if start in before:
            break
        for other in sorted(graph[name]):
            if other not in before:
                before[other] = name
                queue.append(other)
    if start not in before:
        return
    way = [start]
    while (came := before[way[0]]) != start:
        way.insert(0, came)
    fields = next(fields for step, fields in users if step.uses == way[0])
    words = f"the runbook uses itself in the end: {' → '.join([start, *way])}"
    page.findings.error(fields.place_of("uses"), words, "break the circle")


def _check_size(page: ReadPage, fields: Fields, runbooks: Mapping[str, Runbook]) -> None:
    depth, steps = _size(page.runbook, runbooks, 1)
    if depth > DEPTH:
        words = f"runbooks use one another {depth} deep, and {DEPTH} is the most"
        page.findings.error(fields.place_of("uses"), words, "use fewer")
    elif steps > MAX_ALTOGETHER:
        words = f"with the runbooks it uses the page has more than {MAX_ALTOGETHER} steps"
        page.findings.error(fields.place_of("uses"), words, "use fewer")


def _size(runbook: Runbook, runbooks: Mapping[str, Runbook], depth: int) -> tuple[int, int]:
    """Give how deep runbooks use one another from here, and how many steps there are, counted until it is too many."""
    deepest, steps = depth, len(runbook.steps)
    if depth > DEPTH:
        return depth, steps
    for name in [step.uses for step in runbook.steps if step.uses]:
        if name in runbooks and steps <= MAX_ALTOGETHER:
            below, more = _size(runbooks[name], runbooks, depth + 1)
            deepest, steps = max(deepest, below), steps + more
    return deepest, steps
