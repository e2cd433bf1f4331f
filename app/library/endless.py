"""Waits for an end that nobody tells: alerts of sources that only a person ends fire until then, however long a step waits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from app.library.expressions import Cel
from app.library.implication import implies, may_both_hold
from app.library.page import ReadPage
from app.model.expressions import ExpressionError
from app.model.matchers import Matcher, specificity
from app.model.presence import AlertSource, Resolves
from app.model.runbook import Runbook, Step, Wait

FIRING = ("incident", "firing")
SOME = (1, 2, 3, 10, 100, 1000)
"""Numbers of alerts that fire, with which a condition is tried."""


def check_waits(pages: Sequence[ReadPage], sources: Mapping[str, AlertSource], severity_label: str) -> None:
    """Refuse a wait for the end of alerts on a page that only alerts without an end can reach; advise where only some are."""
    endless = [source for source in sources.values() if source.resolves is not Resolves.ALERT]
    for page in pages if endless else ():
        reached = list(_reached(page.runbook, sources, severity_label))
        for read in page.steps.values():
            if read.step.wait is not None and any(reached):
                _check(page, read.step, read.step.wait, reached)


def _check(page: ReadPage, step: Step, wait: Wait, reached: Sequence[AlertSource | None]) -> None:
    place = page.steps[step.id].fields.place_of("wait")
    found = [source for source in reached if source is not None]
    manual = [source.name for source in found if source.resolves is Resolves.MANUAL]
    how = _needs_an_end(wait.until)
    if manual and how:
        words = f"step {step.id} waits for the end of alerts that only a person ends (sources.{manual[0]})"
        mend = "wait for something else, such as what a step looks up; or say resolves: after DURATION"
        is_sure = len(manual) == len(reached) and how == "surely" and bool(page.runbook.match.alternatives)
        (page.findings.error if is_sure else page.findings.advise)(place, words, mend)
    late = [source for source in found if source.resolves is Resolves.AFTER]
    if how and late and min(source.after for source in late) + wait.hold > wait.timeout:
        when = f"sources.{late[0].name} ends them {late[0].after} after they were repeated last"
        words = f"step {step.id} may give up before its alerts end: {when}"
        page.findings.advise(place, words, "wait longer, or for something else")


def _needs_an_end(until: object) -> str:
    """Tell whether a condition holds only once no alert fires: `surely`, `maybe`, or no (empty)."""
    if not isinstance(until, Cel):
        return ""
    paths = {path[:2] for path in until.reads.paths}
    if FIRING in paths:
        return "surely" if paths == {FIRING} and not any(_holds(until, each) for each in SOME) else "maybe"
    return "maybe" if ("incident", "alerts") in paths and ".status" in until.source else ""


def _holds(until: Cel, firing: int) -> bool:
    try:
        return until.evaluate({"incident": {"firing": firing}}) is True
    except ExpressionError:
        return False


def _reached(
    page: Runbook, sources: Mapping[str, AlertSource], severity_label: str
) -> Iterator[AlertSource | None]:
    """Give for each way to the page the source that its alerts surely are of; None where that cannot be known.

    The label of the severity is left out: pages see it mapped, and sources as it was sent.
    """
    named = ((Matcher("alertname", "=", page.id),),)
    for alternative in page.match.alternatives or named:
        given = [each for each in alternative if each.name != severity_label]
        sure = [
            (specificity(wanted), source)
            for source in sources.values()
            for wanted in source.match.alternatives
            if implies(given, wanted)
        ]
        rank, best = max(sure, key=lambda each: each[0], default=((0, 0), None))
        rivals = [
            source
            for source in sources.values()
            for other in source.match.alternatives
            if not (best and source.resolves is best.resolves)
            and specificity(other) >= rank
            and may_both_hold(given, other)
        ]
        yield None if rivals else best
