"""The steps of a page: its `yaml step=ID` fences."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from app.library.approval import read_approval
from app.library.fields import Fields
from app.library.located import Located, read_yaml
from app.library.manifests import Manifests
from app.library.params import ITEM, OUTPUT, Expressions
from app.library.problems import Findings
from app.library.step_parts import (
    read_action,
    read_foreach,
    read_positive,
    read_probe,
    read_retry,
    read_rollback,
    read_wait,
)
from app.model.catalog import Action
from app.model.expressions import Template
from app.model.runbook import DEFAULT_MANUAL_TIMEOUT, DEFAULT_STEP_TIMEOUT, Step
from app.model.words import Effect, Phase

ID = re.compile(r"[a-z][a-z0-9_]{0,63}")
KINDS = ("action", "wait", "manual", "uses")
_ALL = ("needs", "if", "continue-on-error", "on-failure")
TAKES = {
    "action": (
        *_ALL, "with", "timeout", "retry", "on-failure", "dry-run", "secrets", "foreach", "outputs", "approval",
        "precondition", "probe", "rollback",
    ),
    "wait": _ALL,
    "manual": (*_ALL, "timeout", "outputs"),
    "uses": (*_ALL, "with"),
}  # fmt: skip
"""The fields of each kind of step."""
NOT_ON_FAILURE = ("needs", "rollback", "continue-on-error")
"""What a step that is only for failures does without."""
_ACTING = (Effect.IDEMPOTENT, Effect.CHANGE)


@dataclass(frozen=True)
class Fence:
    """A step's fence as it stands in the page."""

    id: str
    phase: Phase
    line: int
    """The line of its opening, from 1."""
    text: str


@dataclass(frozen=True)
class ReadStep:
    """A step, and its fields with their places."""

    step: Step
    fields: Fields


def read_step(fence: Fence, expressions: Expressions, manifests: Manifests, owner: str) -> ReadStep | None:
    """Read a step; None where it cannot even begin to be one."""
    findings, at = expressions.findings, (fence.line, 1)
    if not ID.fullmatch(fence.id):
        findings.error(at, f"{fence.id!a} is no step id", "write it as [a-z][a-z0-9_]*")
        return None
    located = read_yaml(fence.text, findings, fence.line)
    if located is None:
        if not fence.text.strip():
            findings.error(at, f"step {fence.id} is empty", "give it an action: or a wait:")
        return None
    fields = Fields(located, findings, "a step")
    names = Expressions(findings, fence.id, ITEM if "foreach" in fields else frozenset(), expressions.said)
    step = _Reader(fence, fields, names, manifests).read(owner)
    fields.finish()
    return ReadStep(step, fields)


class _Reader:
    def __init__(self, fence: Fence, fields: Fields, names: Expressions, manifests: Manifests) -> None:
        self.fence, self.fields, self.names, self.manifests = fence, fields, names, manifests
        self.findings: Findings = fields.findings

    def read(self, owner: str) -> Step:
        fields, names = self.fields, self.names
        kind = self._kind()
        plain = Expressions(self.findings, self.fence.id, frozenset(), names.said)  # these know no item
        condition = plain.expression(fields.located("if"))
        needs = fields.texts("needs")
        params = names.params(fields)
        step = Step(
            id=self.fence.id,
            phase=self.fence.phase,
            line=self.fence.line,
            action=fields.text("action"),
            params=params,
            needs=needs,
            condition=condition,
            decides_on=frozenset(needs) & (condition.reads.steps("status") if condition else set()),
            timeout=read_positive(
                fields, "timeout", DEFAULT_MANUAL_TIMEOUT if kind == "manual" else DEFAULT_STEP_TIMEOUT
            ),
            retry=read_retry(fields.located("retry"), self.findings),
            wait=read_wait(fields.located("wait"), plain.later()),
            manual=self._manual(plain),
            uses=fields.text("uses"),
            approval=read_approval(fields.located("approval"), self.findings, self.manifests, owner),
            precondition=names.params(fields, "precondition"),
            foreach=read_foreach(fields.located("foreach"), plain),
            outputs=names.later().knowing(OUTPUT).expressions(fields, "outputs"),
            continue_on_error=fields.flag("continue-on-error", default=False),
            on_failure=fields.flag("on-failure", default=False),
            dry_run=fields.flag("dry-run", default=False),
            secrets=fields.texts("secrets"),
        )
        step = replace(
            step,
            probe=read_probe(fields.located("probe"), step, names.later(), self.manifests),
            rollback=read_rollback(fields.located("rollback"), step, names.later(), self.manifests),
        )
        self._check(kind, step)
        return step

    def _kind(self) -> str:
        """Give the kind of the step, or nothing; each kind has fields of its own."""
        kinds = [kind for kind in KINDS if kind in self.fields]
        if len(kinds) != 1:
            words = f"step {self.fence.id} needs either action: or wait:, or else manual: or uses:"
            self.findings.error(self.fields.place, words, "give it exactly one of them")
            return ""
        (kind,) = kinds
        known = {*KINDS, *(name for names in TAKES.values() for name in names)}
        for name in self.fields.names():
            if name in known and name not in (kind, *TAKES[kind]):
                what = f"a step with {kind}:" if kind != "wait" else "a wait"
                self.findings.error(
                    self.fields.place_of(name),
                    f"{what} takes no {name}:",
                    _MENDS.get((kind, name), "take it out"),
                )
        return kind

    def _manual(self, names: Expressions) -> Template | None:
        located = self.fields.located("manual")
        if located is None:
            return None
        if isinstance(located.value, list | dict):
            self.findings.error(located.place, "manual is no text", "say what the person is to do")
            return None
        return names.template(Located(str(located.value), located.place))

    def _check(self, kind: str, step: Step) -> None:
        if kind == "action":
            action = read_action(self.fields, step.params, self.manifests)
            if action is not None:
                self._check_effect(step, action)
        if step.on_failure:
            for name in NOT_ON_FAILURE:
                if name in self.fields:
                    words = f"a step that is only for failures takes no {name}:"
                    self.findings.error(self.fields.place_of(name), words, "take it out")
        if step.rollback is not None and step.phase is Phase.FOLLOW_UP:
            words = "a step under Follow-up is never taken back"
            self.findings.error(
                self.fields.place_of("rollback"),
                words,
                "only mitigation is, when it or its verification fails",
            )

    def _check_effect(self, step: Step, action: Action) -> None:
        fields, findings = self.fields, self.findings
        if "probe" in fields and action.effect is not Effect.CHANGE:
            words = f"{action.id} is {action.effect}: only of a change it may be unknown what became of it"
            findings.error(fields.place_of("probe"), words, "take the probe out")
        if "rollback" in fields and action.effect not in _ACTING:
            words = f"{action.id} only reads: there is nothing to take back"
            findings.error(fields.place_of("rollback"), words, "take the rollback out")
        if step.approval is not None and (action.effect not in _ACTING or step.dry_run):
            words = "nobody is asked: the step changes nothing"
            findings.advise(fields.place_of("approval"), words, "take the approval out")
        if action.effect is Effect.CHANGE and "timeout" not in fields:
            words = f"{action.id} is a change, and without timeout: it is unknown after a minute without an answer"
            findings.advise(fields.place_of("action"), words, "say how long it may take")


_MENDS = {
    ("wait", "timeout"): "say it within wait: {until, for, timeout}",
    ("uses", "timeout"): "the runbook that is used has its own budget",
    ("uses", "outputs"): "the runbook that is used says its outputs in its front matter",
    ("uses", "inputs"): "write with:",
}
