"""Runbooks that use one another: what is used exists, gets what it needs, and never leads back to itself."""

from __future__ import annotations

from collections.abc import Mapping

from app.core.bounds import DEPTH
from app.library.fields import Fields
from app.library.page import ReadPage
from app.library.params import check_params
from app.library.problems import suggest
from app.model.catalog import Parameter
from app.model.runbook import Runbook, Step

MAX_ALTOGETHER = 500
"""How many steps a page may have with those of all runbooks it uses."""


def check_uses(page: ReadPage, runbooks: Mapping[str, Runbook]) -> None:
    """Check the steps of a page that use other runbooks."""
    runbook = page.runbook
    _check_inputs(page)
    users = [(read.step, read.fields) for read in page.steps.values() if read.step.uses]
    can_follow = [_check_one(page, step, fields, runbooks) for step, fields in users]
    if users and all(can_follow):
        depth, steps = _size(runbook, runbooks, 1)
        at = users[0][1].place_of("uses")
        if depth > DEPTH:
            page.findings.error(
                at, f"runbooks use one another {depth} deep, and {DEPTH} is the most", "use fewer"
            )
        elif steps > MAX_ALTOGETHER:
            words = f"with the runbooks it uses the page has more than {MAX_ALTOGETHER} steps"
            page.findings.error(at, words, "use fewer")


def _check_inputs(page: ReadPage) -> None:
    """An alert that selects a page gives it no inputs."""
    needed = [name for name, each in page.runbook.inputs.items() if each.required and each.default is None]
    if needed and page.runbook.match.alternatives:
        words = f"alerts select this page and give it no {needed[0]}, so that it could not be started"
        mend = "give the input a default:, or take match: out"
        page.findings.error(page.fields.key_places("inputs")[needed[0]], words, mend)


def _check_one(page: ReadPage, step: Step, fields: Fields, runbooks: Mapping[str, Runbook]) -> bool:
    """Check one step; say whether what it uses can be followed."""
    place, used = fields.place_of("uses"), runbooks.get(step.uses)
    if used is None:
        others = sorted(name for name, each in runbooks.items() if each.steps and name != page.runbook.id)
        page.findings.error(place, f"uses: there is no runbook {step.uses!r}", suggest(step.uses, others))
        return False
    if not used.steps:
        words = f"uses: {step.uses} is a checklist, which has no steps"
        page.findings.error(place, words, "use a runbook with steps, or write manual:")
        return False
    wanted = [
        Parameter(each.name, each.type, each.required and each.default is None)
        for each in used.inputs.values()
    ]
    check_params(f"runbook {used.id}", step.params, wanted, fields, place)
    if circle := _circle(page.runbook.id, step.uses, runbooks):
        way = " → ".join([page.runbook.id, *circle])
        page.findings.error(place, f"the runbook uses itself in the end: {way}", "break the circle")
        return False
    return not _is_in_circle(step.uses, runbooks)


def _circle(start: str, used: str, runbooks: Mapping[str, Runbook]) -> list[str]:
    """Give the way from what is used back to the start; empty where there is none."""
    before: dict[str, str] = {}
    queue = [used]
    for name in queue:  # grows while it is gone through
        if name == start:
            way = [name]
            while way[0] != used:
                way.insert(0, before[way[0]])
            return way
        for other in _used_by(name, runbooks):
            if other not in before and other != used:
                before[other] = name
                queue.append(other)
    return []


def _is_in_circle(name: str, runbooks: Mapping[str, Runbook]) -> bool:
    """Whether what is used leads into a circle, which is told of the pages in it."""
    seen, queue = {name}, [name]
    for each in queue:  # grows while it is gone through
        queue += [other for other in _used_by(each, runbooks) if other not in seen]
        seen.update(queue)
    return any(_circle(each, other, runbooks) for each in seen for other in _used_by(each, runbooks))


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


def _used_by(name: str, runbooks: Mapping[str, Runbook]) -> list[str]:
    runbook = runbooks.get(name)
    return list(dict.fromkeys(step.uses for step in runbook.steps if step.uses)) if runbook else []
