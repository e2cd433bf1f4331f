"""A Markdown page becomes a runbook."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches

from app.library.body import NEAR, Body, meant, read_body
from app.library.expressions import Cel, CelError, compile_parts
from app.library.fields import MAX_DURATION, Fields, parse_duration
from app.library.front_matter import Front, check_names, read_front, read_inputs
from app.library.likely_secrets import check_secrets
from app.library.manifests import Manifests
from app.library.names import check_id
from app.library.params import Expressions, Said
from app.library.problems import Findings
from app.library.steps import ReadStep, read_step
from app.model.expressions import Template
from app.model.runbook import DEFAULT_BUDGET, Page, Runbook
from app.model.words import Mode, PageWhen

INDEXES = ("index", "_index")
"""Pages that stand for their folder."""
OURS = (
    "id", "title", "owner", "match", "priority", "escalation", "page", "mode", "budget", "inputs", "outputs",
)  # fmt: skip
"""The fields of the front matter."""


@dataclass(frozen=True)
class ReadPage:
    """A page, and what checks across pages need of it."""

    runbook: Runbook
    fields: Fields
    """The front matter."""
    steps: dict[str, ReadStep]
    said: list[Said]
    """Its expressions."""
    body: Body
    is_ours: bool
    """Whether it was written for this service: it has steps, or says what it matches."""

    @property
    def findings(self) -> Findings:
        """Where its mistakes go."""
        return self.fields.findings


def read_page(path: str, text: str, manifests: Manifests, findings: Findings) -> ReadPage:
    """Read a page; mistakes go to `findings`, as advice only where the page was not written for this service."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    front = read_front(text, findings)
    body = read_body(front.body, front.lines_before, manifests.actions, findings)
    fields = Fields(front.located, findings, "the front matter")
    is_ours = body.has_steps or "match" in fields
    expressions = Expressions(findings)
    owner = fields.text("owner")
    read = [read_step(fence, expressions, manifests, owner) for fence in body.fences]
    steps = {each.step.id: each for each in read if each is not None}
    prose = _prose(front, body, expressions)
    runbook = _runbook(path, text, fields, body, steps, expressions, prose, front.title)
    if is_ours:
        _check_ours(runbook, fields, body, findings)
    else:
        _check_foreign(fields, findings)
        findings.soften()  # a page of another tool loads as it is
    check_secrets(text, findings)
    return ReadPage(runbook, fields, steps, expressions.said, body, is_ours)


def _runbook(
    path: str,
    text: str,
    fields: Fields,
    body: Body,
    steps: dict[str, ReadStep],
    expressions: Expressions,
    prose: Template,
    title: str,
) -> Runbook:
    stem = stem_of(path)
    return Runbook(
        id=fields.text("id") or stem,
        title=fields.text("title") or title or body.title or stem,
        path=path,
        hash=hashlib.sha256(text.encode()).hexdigest(),
        owner=fields.text("owner"),
        match=fields.match(),
        priority=fields.whole("priority", 0, least=-1000, most=1000),
        escalation=fields.text("escalation"),
        page=_page_when(fields, fields.findings),
        mode=fields.word("mode", Mode),
        budget=_budget(fields),
        inputs=read_inputs(fields, expressions),
        outputs=expressions.expressions(fields, "outputs"),
        steps=tuple(each.step for each in steps.values()),
        follow_ups=tuple(body.follow_ups),
        body=prose,
    )


def stem_of(path: str) -> str:
    """Give the name that a page has without front matter: its file's, or its folder's where it stands for that."""
    *folders, name = path.removesuffix(".md").split("/")
    return folders[-1] if name in INDEXES and folders else name


def _check_ours(runbook: Runbook, fields: Fields, body: Body, findings: Findings) -> None:
    check_id(runbook.id, "the page's id", fields.place_of("id"), findings)
    check_names(fields.key_places("inputs"), "input", findings)
    check_names(fields.key_places("outputs"), "output", findings)
    if body.has_steps:
        fields.finish()
    for heading in body.headings:
        is_told = heading.level > 2 or heading.text in body.misplaced  # noqa: PLR2004  # phases have two at most
        if not is_told and (near := meant(heading.text)):
            findings.advise((heading.line, 1), f"{heading.text!r} is no phase", f"did you mean {near!r}?")


def _check_foreign(fields: Fields, findings: Findings) -> None:
    """Point out front matter that looks like ours with a slip in it."""
    for name in fields.names():
        near = get_close_matches(name, OURS, n=1, cutoff=NEAR) if name not in OURS else []
        if near and len(name) == len(near[0]):
            findings.advise(
                fields.place_of(name), f"the front matter has no {name!r}", f"did you mean {near[0]!r}?"
            )


def _prose(front: Front, body: Body, expressions: Expressions) -> Template:
    """Compile the prose; what is wrong within a step's fence is told with the step."""
    text, findings = front.body, expressions.findings
    starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def place_of(offset: int) -> tuple[int, int]:
        number = bisect_right(starts, offset)
        return front.lines_before + number, offset - starts[number - 1] + 1

    def refuse(offset: int, error: CelError) -> None:
        place = place_of(offset)
        if place[0] not in body.step_lines:
            mend = "write it in CEL between ${{ and }}; as text it is ${{ '${{' }}"
            findings.error(place, str(error), mend)

    template, offset = compile_parts(text, refuse), 0
    for part in template.parts:
        if isinstance(part, Cel):
            offset = text.find("${{", offset)
            place = place_of(offset)
            if place[0] not in body.step_lines:
                expressions.said.append(Said(part, place))
            offset = text.find("}}", offset) + 2
        else:
            offset += len(str(part))
    return template


def _budget(fields: Fields) -> timedelta:
    budget = fields.duration("budget", DEFAULT_BUDGET)
    if not budget:
        fields.findings.error(fields.place_of("budget"), "budget is zero", "give it time, such as 10m")
    return budget or DEFAULT_BUDGET


def _page_when(fields: Fields, findings: Findings) -> Page | None:
    words = fields.text("page").split()
    match words:
        case []:
            return None
        case ["at-once"]:
            return Page(PageWhen.AT_ONCE)
        case ["on-failure"]:
            return Page(PageWhen.ON_FAILURE)
        case ["after", text] if (
            after := parse_duration(text)
        ) is not None and timedelta() < after <= MAX_DURATION:
            return Page(PageWhen.AFTER, after)
        case _:
            findings.error(
                fields.place_of("page"),
                f"page: {' '.join(words)!r} is unknown",
                "at-once, on-failure, or after 3m",
            )
            return None
