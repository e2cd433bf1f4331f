"""What `oncall runbook test` says: for people as it goes, for scripts at the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from app.cli import out
from app.cli.errors import tell

if TYPE_CHECKING:
    from app.model.runbook import Runbook
    from app.rehearse.compare import Difference
    from app.rehearse.coverage import Goal
    from app.rehearse.many import Mutated
    from app.rehearse.suite import Ran


class Report:
    """Collects what was found; prints it as it comes, unless one JSON document is asked for."""

    def __init__(self, *, as_json: bool, story: bool) -> None:
        self._as_json, self._story = as_json, story
        self._cases: list[dict[str, Any]] = []
        self._coverage: dict[str, Any] = {}
        self._mutants: dict[str, Any] = {}
        self.failed = 0
        self.missed = 0
        self.alive = 0

    def cases(self, page: Runbook, ran: Sequence[Ran]) -> None:
        """Take the cases of a page."""
        self._say(page.path)
        for each in ran:
            self.failed += not each.played.is_good
            self._cases.append(_facts(each))
            self._print(each)

    def coverage(self, page: Runbook, goals: int, missed: Sequence[Goal]) -> None:
        """Take what no case of a page reaches."""
        self.missed += len(missed)
        listed = [{"line": each.line, "step": each.step, "what": each.what} for each in missed]
        self._coverage[page.id] = {"goals": goals, "missed": listed}
        self._say(f"  reached  {goals - len(missed)} of {goals}")
        for each in missed:
            self._say(f"    no case: {page.path}:{each.line}: {each.step} {each.what}")

    def mutants(self, page: Runbook, mutated: Mutated) -> None:
        """Take what became of a page's mutants."""
        self.alive += len(mutated.alive)
        listed = [{"line": each.line, "step": each.step, "what": each.words} for each in mutated.alive]
        self._mutants[page.id] = {"mutants": mutated.mutants, "alive": listed}
        noticed = mutated.mutants - len(mutated.alive)
        self._say(f"{page.path}: {noticed} of {mutated.mutants} mutants noticed")
        for each in mutated.alive:
            self._say(f"    unnoticed: {page.path}:{each.line}: {each.step}: {each.words}")

    def end(self, seconds: float) -> bool:
        """Say the whole; True if all is good."""
        pages = len({each["page"] for each in self._cases})
        found = [f"{self.failed} failed"] if self.failed else []
        found += [f"{self.missed} things that no case reaches"] if self.missed else []
        found += [f"{self.alive} mutants that no case notices"] if self.alive else []
        if self._as_json:
            out.document(
                {
                    "cases": self._cases,
                    "failed": self.failed,
                    "coverage": self._coverage or None,
                    "mutants": self._mutants or None,
                    "seconds": round(seconds, 3),
                }
            )
        tell(
            f"{len(self._cases)} cases of {pages} pages in {seconds:.2f} s: {', '.join(found) or 'all good'}"
        )
        return not found

    def _print(self, ran: Ran) -> None:
        mark = "ok    " if ran.played.is_good else "FAILED"
        self._say(f"  {mark} {ran.milliseconds:5.0f} ms  {ran.case.name}")
        for each in ran.played.differences:
            self._say(f"      {ran.case.path}:{each.line}: {each.what}")
            self._two("expected", each.expected)
            self._two("got", each.got)
        if self._story:
            for line in ran.played.facts.story():
                self._say(f"      {line}")

    def _two(self, name: str, text: str) -> None:
        for place, line in enumerate(text.split("\n")):
            self._say(f"          {name if not place else '':9} {line}")

    def _say(self, line: str) -> None:
        if not self._as_json:
            print(line)


def _facts(ran: Ran) -> dict[str, Any]:
    return {
        "page": ran.case.page,
        "name": ran.case.name,
        "path": ran.case.path,
        "line": ran.case.line,
        "good": ran.played.is_good,
        "milliseconds": round(ran.milliseconds, 2),
        "differences": [_difference(each) for each in ran.played.differences],
    }


def _difference(each: Difference) -> dict[str, Any]:
    return {"line": each.line, "what": each.what, "expected": each.expected, "got": each.got}
