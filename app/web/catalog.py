"""Runbooks for programs: as values, and found by words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from app.model.runbook import Runbook, Step

_WORD = re.compile(r"[a-z0-9]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_TITLE_WEIGHT = 10
_ID_WEIGHT = 5
_BEGINS_WEIGHT = 0.5
"""What a word counts that only begins with the one asked for."""
_MAX_COUNT = 5
"""A word said more often than this counts no more: length is not merit."""


def search(runbooks: Iterable[Runbook], query: str) -> list[Runbook]:
    """Give the runbooks that hold every word of the query in title, id, alert names or text, the best first.

    A word of the title counts ten times, one of the id or of the alerts matched five times, one of the text once.
    """
    asked = words_in(query)
    scored = [(_score(runbook, asked), runbook) for runbook in runbooks]
    found = [(score, runbook) for score, runbook in scored if score > 0]
    return [runbook for _, runbook in sorted(found, key=lambda each: (-each[0], each[1].id))]


def words_in(text: str) -> list[str]:
    """The words of a text in lower case; `KubePodCrash` is three."""
    return _WORD.findall(_CAMEL.sub(" ", text).lower())


def brief(runbook: Runbook) -> dict[str, Any]:
    """A runbook in a list."""
    return {
        "id": runbook.id,
        "title": runbook.title,
        "owner": runbook.owner,
        "path": runbook.path,
        "hash": runbook.hash,
        "match": [[str(matcher) for matcher in each] for each in runbook.match.alternatives],
        "mode": runbook.mode.value if runbook.mode else None,
        "page": _page(runbook),
        "checklist": runbook.is_checklist,
        "steps": len(runbook.steps),
    }


def whole(runbook: Runbook) -> dict[str, Any]:
    """A runbook with its text and steps."""
    return {
        **brief(runbook),
        "priority": runbook.priority,
        "escalation": runbook.escalation,
        "budget_seconds": runbook.budget.total_seconds(),
        "steps": [_step(step) for step in runbook.steps],
        "follow_ups": [
            {"text": task.text, "owner": task.owner, "due_seconds": _seconds(task.due)}
            for task in runbook.follow_ups
        ],
        "body": runbook.body.source,
    }


def _score(runbook: Runbook, asked: list[str]) -> float:
    named = " ".join([runbook.id, *(m.value for each in runbook.match.alternatives for m in each)])
    fields = (
        (_TITLE_WEIGHT, Counter(words_in(runbook.title))),
        (_ID_WEIGHT, Counter(words_in(named))),
        (1, Counter(words_in(runbook.body.source))),
    )
    scores = [sum(weight * _count(words, word) for weight, words in fields) for word in asked]
    return sum(scores) if scores and all(scores) else 0.0


def _count(words: Counter[str], asked: str) -> float:
    begun = sum(count for word, count in words.items() if word.startswith(asked) and word != asked)
    return min(words[asked] + _BEGINS_WEIGHT * begun, _MAX_COUNT)


def _step(step: Step) -> dict[str, Any]:
    return {
        "id": step.id,
        "phase": step.phase.value,
        "line": step.line,
        "action": step.action or None,
        "needs": list(step.needs),
        "if": step.condition.source if step.condition else None,
        "wait_until": step.wait.until.source if step.wait else None,
        "timeout_seconds": (step.wait.timeout if step.wait else step.timeout).total_seconds(),
        "attempts": step.retry.attempts,
        "needs_approval": step.approval is not None,
    }


def _page(runbook: Runbook) -> dict[str, Any] | None:
    if runbook.page is None:
        return None
    return {"when": runbook.page.when.value, "after_seconds": runbook.page.after.total_seconds()}


def _seconds(length: timedelta | None) -> float | None:
    return length.total_seconds() if length is not None else None
