"""The steps of a page: its `yaml step=ID` fences."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.library.expressions import Cel, CelError, compile_cel, compile_template, steps_read
from app.library.fields import Fields, scalar_of
from app.library.located import Located, read_yaml
from app.library.problems import Findings, suggest
from app.model.catalog import Action
from app.model.expressions import Expression, Param, Template
from app.model.runbook import DEFAULT_STEP_TIMEOUT, Approval, Retry, Step, Wait
from app.model.words import Phase

ID = re.compile(r"[a-z][a-z0-9_]{0,63}")
MAX_ATTEMPTS = 20
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "list": (list,),
    "map": (dict,),
}


@dataclass(frozen=True)
class Fence:
    """A step's fence as it stands in the page."""

    id: str
    phase: Phase
    line: int
    """The line of its opening, from 1."""
    text: str


def read_step(fence: Fence, actions: Mapping[str, Action], findings: Findings) -> Step | None:
    """Read a step; None where it cannot even begin to be one."""
    at = (fence.line, 1)
    if not ID.fullmatch(fence.id):
        findings.error(at, f"{fence.id!r} is no step id", "write it as [a-z][a-z0-9_]*")
        return None
    located = read_yaml(fence.text, findings, fence.line)
    if located is None:
        if not fence.text.strip():
            findings.error(at, f"step {fence.id} is empty", "give it an action: or a wait:")
        return None
    fields = Fields(located, findings, "a step")
    reader = _StepReader(fence, fields, findings)
    step = reader.read(actions)
    fields.finish()
    return step


class _StepReader:
    def __init__(self, fence: Fence, fields: Fields, findings: Findings) -> None:
        self.fence, self.fields, self.findings = fence, fields, findings

    def read(self, actions: Mapping[str, Action]) -> Step:
        fields = self.fields
        action, wait = fields.text("action"), self._wait()
        if bool(action) == ("wait" in fields):
            self.findings.error(fields.place, f"step {self.fence.id} needs either action: or wait:")
        params = self._params(fields.located("with"))
        if action:
            self._check_action(action, params, actions)
        elif params:
            self.findings.error(fields.place_of("with"), "a wait takes no with:")
        if approval := fields.located("approval"):
            words = "this release collects no approvals: the execution stops here and a person is paged"
            self.findings.advise(approval.place, words)
        return Step(
            id=self.fence.id,
            phase=self.fence.phase,
            line=self.fence.line,
            action=action,
            params=params,
            needs=fields.texts("needs"),
            condition=self._expression("if"),
            timeout=self._positive("timeout", DEFAULT_STEP_TIMEOUT),
            retry=self._retry(),
            wait=wait,
            approval=Approval() if approval is not None else None,
            secrets=fields.texts("secrets"),
        )

    def _wait(self) -> Wait | None:
        located = self.fields.located("wait")
        if located is None:
            return None
        fields = Fields(located, self.findings, "a wait")
        until = self._compiled(fields.located("until"))
        hold = fields.duration("for", timedelta())
        timeout = fields.duration("timeout", timedelta())
        if "until" not in fields:
            self.findings.error(located.place, "a wait needs until:", "say what to wait for, in CEL")
        if not timeout:
            self.findings.error(
                located.place, "a wait needs timeout:", "say how long to wait at most, such as 8m"
            )
        elif hold >= timeout:
            self.findings.error(
                located.place, "for: is not shorter than timeout:", "the wait could never succeed"
            )
        fields.finish()
        return Wait(until, hold, timeout) if until else None

    def _retry(self) -> Retry:
        located = self.fields.located("retry")
        if located is None:
            return Retry()
        fields = Fields(located, self.findings, "retry")
        backoff = fields.text("backoff", "exponential")
        if backoff not in ("exponential", "constant"):
            mend = suggest(backoff, ["exponential", "constant"])
            self.findings.error(fields.place_of("backoff"), f"backoff: {backoff!r} is unknown", mend)
        default = Retry()
        retry = Retry(
            attempts=fields.whole("attempts", 1, least=1, most=MAX_ATTEMPTS),
            exponential=backoff == "exponential",
            initial=fields.duration("initial", default.initial),
            maximum=fields.duration("max", default.maximum),
        )
        fields.finish()
        return retry

    def _positive(self, name: str, default: timedelta) -> timedelta:
        read = self.fields.duration(name, default)
        if not read:
            self.findings.error(self.fields.place_of(name), f"{name} is zero", "give it time, such as 30s")
            return default
        return read

    def _expression(self, name: str) -> Expression | None:
        located = self.fields.located(name)
        if located is not None and isinstance(located.value, bool):
            located = Located(str(located.value).lower(), located.place)
        return self._compiled(located)

    def _compiled(self, located: Located | None) -> Cel | None:
        if located is None:
            return None
        text = str(located.value).strip()
        if text.startswith("${{") and text.endswith("}}"):
            text = text[3:-2]
        try:
            return compile_cel(text)
        except CelError as error:
            self.findings.error(
                located.place, f"{text!r}: {error}", "write it in CEL, such as incident.firing == 0"
            )
            return None

    def _params(self, located: Located | None) -> dict[str, Param]:
        if located is None:
            return {}
        if not isinstance(located.value, dict):
            self.findings.error(located.place, "with is no map", "write it as name: value lines")
            return {}
        return {name: self._param(value, 0) for name, value in located.value.items()}

    def _param(self, located: Located, depth: int) -> Param:
        value = located.value
        if isinstance(value, str):
            return self._template(value, located)
        if scalar_of(value):
            return value  # type: ignore[no-any-return]  # scalar_of says so
        if depth:
            self.findings.error(
                located.place, "a parameter is nested too deep", "give a scalar, or a list or map of scalars"
            )
            return None
        if isinstance(value, list):
            return [self._param(each, depth + 1) for each in value]
        return {name: self._param(each, depth + 1) for name, each in value.items()}

    def _template(self, text: str, located: Located) -> Param:
        try:
            template = compile_template(text)
        except CelError as error:
            self.findings.error(located.place, f"{text!r}: {error}", "write it in CEL between ${{ and }}")
            return text
        return template if any(not isinstance(part, str) for part in template.parts) else text

    def _check_action(self, action: str, params: Mapping[str, Param], actions: Mapping[str, Action]) -> None:
        place = self.fields.place_of("action")
        known = actions.get(action)
        if known is None:
            mend = suggest(action, sorted(actions)) if actions else "list it under actions: in a manifest"
            self.findings.error(place, f"action {action!r} is not in the catalogue", mend)
            return
        parameters = {parameter.name: parameter for parameter in known.parameters}
        for name, parameter in parameters.items():
            if parameter.required and name not in params:
                words = f"{action} needs {name} ({parameter.type})"
                self.findings.error(self.fields.place_of("with"), words, f"give with.{name}")
        with_ = self.fields.located("with")
        for name, param in params.items():
            at = with_.keys.get(name, place) if with_ else place
            if name not in parameters:
                mend = suggest(name, sorted(parameters)) if parameters else "it takes none"
                self.findings.error(at, f"{action} takes no {name!r}", mend)
            elif not _fits(param, parameters[name].type):
                self.findings.error(
                    at, f"with.{name} is no {parameters[name].type}", "see its action in the catalogue"
                )


def _fits(param: Any, kind: str) -> bool:
    if isinstance(param, Template):
        return param.is_one_expression or kind == "string"
    if param is None:
        return True
    if isinstance(param, bool):
        return kind == "boolean"
    return isinstance(param, _TYPES[kind])


def expressions_of(step: Step) -> list[Expression]:
    """Give every expression of a step."""
    found: list[Expression] = [step.condition] if step.condition else []
    if step.wait:
        found.append(step.wait.until)
    stack: list[Any] = list(step.params.values())
    while stack:
        param = stack.pop()
        if isinstance(param, Template):
            found += [part for part in param.parts if not isinstance(part, str)]
        elif isinstance(param, list | dict):
            stack += list(param.values()) if isinstance(param, dict) else param
    return found


def check_graph(steps: list[Step], findings: Findings) -> None:
    """Check what the steps need and read: known, of this or an earlier phase, without cycles."""
    phases = list(Phase)
    by_id = {step.id: step for step in steps}
    for step in steps:
        at = (step.line, 1)
        for need in step.needs:
            if need not in by_id:
                mend = suggest(need, sorted(by_id))
                findings.error(at, f"step {step.id} needs {need!r}, which is no step of this page", mend)
            elif phases.index(by_id[need].phase) > phases.index(step.phase):
                findings.error(
                    at, f"step {step.id} needs {need}, which is of a later phase", "move one of them"
                )
        for name in sorted(set().union(*(steps_read(each.source) for each in expressions_of(step)))):
            if name not in by_id:
                findings.error(at, f"step {step.id} reads steps.{name}, which is no step of this page")
    _check_cycles(by_id, findings)


def _check_cycles(by_id: Mapping[str, Step], findings: Findings) -> None:
    over: set[str] = set()
    left = dict(by_id)
    while ready := [
        id_ for id_, step in left.items() if all(need in over or need not in by_id for need in step.needs)
    ]:
        over.update(ready)
        for id_ in ready:
            del left[id_]
    for step in left.values():
        findings.error((step.line, 1), f"step {step.id} needs itself in the end", "break the cycle of needs:")
