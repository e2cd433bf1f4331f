"""Pages and a library for tests: a small estate whose expressions are Python functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from app.model.catalog import Action, Guards, Person, Rules, Service, Team
from app.model.expressions import ExpressionError, Template
from app.model.library import Library
from app.model.matchers import Match, parse_matcher
from app.model.policy import Level, Policy
from app.model.runbook import Retry, Runbook, Step, Wait
from app.model.words import Effect, Mode, Phase


@dataclass(frozen=True)
class Says:
    """An expression for tests: a Python function under a name."""

    source: str
    function: Callable[[Mapping[str, Any]], Any]

    def evaluate(self, context: Mapping[str, Any]) -> Any:
        try:
            return self.function(context)
        except KeyError as missing:
            msg = f"no such key: {missing}"
            raise ExpressionError(msg) from missing


QUIET = Says("incident.firing == 0", lambda names: names["incident"]["firing"] == 0)


def label(name: str) -> Template:
    return Template(
        f"${{{{ trigger.labels.{name} }}}}",
        (Says(f"trigger.labels.{name}", lambda c: c["trigger"]["labels"][name]),),
    )


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def page(*steps: Step, **fields: Any) -> Runbook:
    given = {
        "id": "crash",
        "title": "Crash",
        "path": "crash.md",
        "hash": "h1",
        "owner": "shop",
        "steps": steps,
    }
    match = Match(((parse_matcher('alertname="Crash"'),),))
    return Runbook(**{**given, "match": match, **fields})


def used(*steps: Step, **fields: Any) -> Runbook:
    """A page that no alert selects: others use it, or a person runs it."""
    return page(*steps, **{"id": "inner", "path": "inner.md", "hash": "h-inner", "match": Match(), **fields})


def look(**fields: Any) -> Step:
    given: dict[str, Any] = {"id": "look", "phase": Phase.DIAGNOSIS, "line": 1, "action": "k.describe"}
    return Step(**{**given, "timeout": seconds(30), "params": {"pod": label("pod")}, **fields})


def mend(**fields: Any) -> Step:
    given: dict[str, Any] = {"id": "mend", "phase": Phase.MITIGATION, "line": 9, "action": "k.undo"}
    return Step(**{**given, "timeout": seconds(60), **fields})


def quiet(**fields: Any) -> Step:
    wait = Wait(QUIET, hold=seconds(20), timeout=seconds(120))
    return Step(**{"id": "quiet", "phase": Phase.VERIFICATION, "line": 20, "wait": wait, **fields})


def library(*pages: Runbook, hash_: str = "lib1", guards: Guards | None = None, **rules: Any) -> Library:
    level = Level(targets=("user:alice",), ack_timeout=seconds(300))
    return Library(
        hash=hash_,
        rules=Rules(
            **{
                "mode": Mode.AUTO,
                "team": "shop",
                "escalation": "last",
                "reopen_window": seconds(600),
                "trusted": ("slack",),
                "receipt_within": timedelta(),  # its pager says nothing, unless a story has it answer
                **rules,
            }
        ),
        runbooks={each.id: each for each in pages},
        guards=guards or Guards(),
        teams={
            "shop": Team(
                "shop", escalation="shop", chat="#shop", tickets="SHOP", members=("alice", "bob", "carol")
            ),
            "data": Team("data", members=("dave",)),
        },
        services={
            "cart": Service("cart", team="shop", system="shop"),
            "stock": Service("stock", team="shop", system="stock"),
            "lake": Service("lake", team="data", system="lake"),
        },
        people={
            name: Person(name, name.title(), f"pager/{name}", (f"slack:{name}", f"slack:{name}-too"))
            for name in ("alice", "bob", "carol", "dave")
        },
        actions={
            "k.describe": Action("k.describe", Effect.READ),
            "k.scale": Action("k.scale", Effect.IDEMPOTENT),
            "k.undo": Action("k.undo", Effect.CHANGE),
            "k.redo": Action("k.redo", Effect.CHANGE),
            "k.cordon": Action("k.cordon", Effect.CHANGE, targets="nodes"),
        },
        policies={"shop": Policy("shop", levels=(level,)), "last": Policy("last", levels=(level,))},
    )


def words(text: str, function: Callable[[Mapping[str, Any]], Any]) -> Template:
    """A template that is one expression."""
    return Template(f"${{{{ {text} }}}}", (Says(text, function),))


def retrying(step: Step, attempts: int, initial: float = 2) -> Step:
    return replace(step, retry=Retry(attempts=attempts, initial=seconds(initial)))
