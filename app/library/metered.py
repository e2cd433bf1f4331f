"""Evaluation of CEL that costs so much and no more: deterministic, so that replay gives up where the engine gave up."""

from __future__ import annotations

from typing import Any

from celpy.evaluation import Activation, Evaluator
from lark import Tree


class SpentError(Exception):
    """An evaluation looked at more than it may."""


class MeteredEvaluator(Evaluator):
    """Counts each part that it looks at, also within `map` and its like; SpentError after `most`."""

    def __init__(
        self, ast: Tree[Any], activation: Activation, most: int, spent: list[int] | None = None
    ) -> None:
        super().__init__(ast, activation)
        self._most = most
        self._spent = spent if spent is not None else [0]

    def run(self, given: dict[str, Any]) -> Any:
        """Evaluate with these names."""
        return self.set_activation(given).evaluate()

    def sub_evaluator(self, ast: Tree[Any]) -> Evaluator:
        """Give the evaluator of a macro's body, which spends of the same."""
        return MeteredEvaluator(ast, self.activation, self._most, self._spent)

    def visit_children(self, tree: Tree[Any]) -> list[Any]:
        """Count, then go on."""
        self._spent[0] += 1
        if self._spent[0] > self._most:
            raise SpentError
        return super().visit_children(tree)
