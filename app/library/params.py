"""Expressions and parameters of a page: compiled with the names that are known where they stand, held to what takes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from app.library.expressions import Cel, CelError, compile_cel, compile_template
from app.library.fields import Fields, scalar_of
from app.library.located import Located, Place
from app.library.problems import Findings, suggest
from app.model.catalog import TYPES, Parameter
from app.model.expressions import Param, Template

ITEM = frozenset({"item", "index"})
OUTPUT = frozenset({"output"})


@dataclass(frozen=True)
class Said:
    """An expression, and where the page has it."""

    cel: Cel
    place: Place
    step: str = ""
    """The step whose fence it is in."""
    comes_later: bool = False
    """Whether it is worked out when other steps, and the step itself, may be over: in waits and rollbacks."""


@dataclass
class Expressions:
    """Compiles the expressions of a page, or of one step of it, and remembers them."""

    findings: Findings
    step: str = ""
    more: frozenset[str] = frozenset()
    """Names that are known besides those that are known everywhere."""
    said: list[Said] = field(default_factory=list)
    comes_later: bool = False

    def knowing(self, more: frozenset[str]) -> Expressions:
        """Give the same with more names known."""
        return replace(self, more=self.more | more)

    def later(self) -> Expressions:
        """Give the same for what is worked out after the step has begun."""
        return replace(self, comes_later=True)

    def expression(self, located: Located | None) -> Cel | None:
        """Compile CEL, which may stand in `${{ }}`; None where it is missing or wrong."""
        if located is None:
            return None
        text = str(located.value).lower() if isinstance(located.value, bool) else str(located.plain()).strip()
        if text.startswith("${{") and text.endswith("}}"):
            text = text[3:-2]
        try:
            cel = compile_cel(text, self.more)
        except CelError as error:
            mend = "write it in CEL, such as incident.firing == 0"
            self.findings.error(located.place, f"{_short(text)}: {error}", mend)
            return None
        self.said.append(Said(cel, located.place, self.step, self.comes_later))
        return cel

    def expressions(self, fields: Fields, name: str) -> dict[str, Cel]:
        """Compile a map of names to CEL."""
        compiled = {each: self.expression(located) for each, located in fields.entries(name).items()}
        return {each: cel for each, cel in compiled.items() if cel is not None}

    def template(self, located: Located) -> Template:
        """Compile a text with `${{ }}` in it."""
        text = str(located.value)
        try:
            template = compile_template(text, self.more)
        except CelError as error:
            self.findings.error(
                located.place, f"{_short(text)}: {error}", "write it in CEL between ${{ and }}"
            )
            return Template(text, (text,))
        self.said += [
            Said(part, located.place, self.step, self.comes_later)
            for part in template.parts
            if isinstance(part, Cel)
        ]
        return template

    def params(self, fields: Fields, name: str = "with") -> dict[str, Param]:
        """Compile a map of parameters."""
        return {each: self.param(located) for each, located in fields.entries(name).items()}

    def param(self, located: Located, depth: int = 0) -> Param:
        """Compile a value: scalars, and lists and maps of them."""
        value = located.value
        if isinstance(value, str):
            template = self.template(located)
            return template if any(not isinstance(part, str) for part in template.parts) else value
        if scalar_of(value):
            return value  # type: ignore[no-any-return]  # scalar_of says so
        if depth:
            mend = "give a scalar, or a list or map of scalars"
            self.findings.error(located.place, "a parameter is nested too deep", mend)
            return None
        if isinstance(value, list):
            return [self.param(each, depth + 1) for each in value]
        return {name: self.param(each, depth + 1) for name, each in value.items()}


def check_params(
    what: str, params: Mapping[str, Param], wanted: Sequence[Parameter], fields: Fields, place: Place
) -> None:
    """Hold what is given as `with` to what an action or a runbook takes; `place` is where that is named."""
    findings, known = fields.findings, {parameter.name: parameter for parameter in wanted}
    located = fields.located("with")
    for name, parameter in known.items():
        if parameter.required and name not in params:
            at = located.place if located else place
            findings.error(at, f"{what} needs {name} ({parameter.type})", f"give with.{name}")
    for name, param in params.items():
        at = located.keys.get(name, place) if located else place
        if name not in known:
            mend = suggest(name, sorted(known)) if known else "it takes none"
            findings.error(at, f"{what} takes no {name!r}", mend)
        elif not fits(param, known[name].type):
            findings.error(at, f"with.{name} is no {known[name].type}", f"see what {what} takes")


def fits(param: Any, kind: str) -> bool:
    """Whether a value may be of a type; what an expression gives is known only when it is worked out."""
    if isinstance(param, Template):
        return param.is_one_expression or kind == "string"
    if param is None:
        return True
    if isinstance(param, bool):
        return kind == "boolean"
    return isinstance(param, TYPES[kind])


def _short(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:79] + "…")  # noqa: PLR2004  # a line's worth
