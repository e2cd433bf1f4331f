"""A Markdown page becomes a runbook."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from markdown_it import MarkdownIt
from markdown_it.token import Token

from app.library.expressions import CelError, compile_template
from app.library.fields import Fields, parse_duration
from app.library.located import Located, read_yaml
from app.library.problems import Findings
from app.library.steps import Fence, check_graph, read_step
from app.model.catalog import Action
from app.model.expressions import Template
from app.model.runbook import DEFAULT_BUDGET, FollowUp, Page, Runbook, Step
from app.model.words import Mode, PageWhen, Phase

MAX_STEPS = 200
"""How many steps a page may have."""
PHASES = {
    "diagnosis": Phase.DIAGNOSIS,
    "mitigation": Phase.MITIGATION,
    "verification": Phase.VERIFICATION,
    "follow-up": Phase.FOLLOW_UP,
    "follow up": Phase.FOLLOW_UP,
    "followup": Phase.FOLLOW_UP,
}
_FRONT = re.compile(r"\A---[ \t]*\n(.*?\n)?---[ \t]*(?:\n|\Z)", re.DOTALL)
_TASK = re.compile(r"^\s*[-*+]\s+\[[ xX]\]\s+(.*?)\s*(?:\{([^{}]*)\})?\s*$")
_INFO = re.compile(r"\bstep=(\S*)")
_SECTION_TAGS = ("h1", "h2")


@dataclass
class _Body:
    """What is found while going through the Markdown."""

    title: str = ""
    fences: list[Fence] = field(default_factory=list)
    follow_ups: list[FollowUp] = field(default_factory=list)


def read_page(
    path: str, text: str, actions: Mapping[str, Action], findings: Findings
) -> tuple[Runbook, Fields]:
    """Read a page; mistakes go to `findings`. Also gives the front matter, for checks across files."""
    text = text.replace("\r\n", "\n")
    front, body_text, lines_before = _split(text, findings)
    body = _read_body(body_text, lines_before, findings)
    fields = Fields(front, findings, "the front matter")
    steps = _steps(body.fences, actions, findings)
    stem = path.rsplit("/", 1)[-1].removesuffix(".md")
    runbook = Runbook(
        id=fields.text("id", stem),
        title=fields.text("title", body.title or stem),
        path=path,
        hash=hashlib.sha256(text.encode()).hexdigest(),
        owner=fields.text("owner"),
        match=fields.match(),
        priority=fields.whole("priority", 0, least=-1000, most=1000),
        escalation=fields.text("escalation"),
        page=_page_when(fields, findings),
        mode=read_mode(fields, findings),
        budget=fields.duration("budget", DEFAULT_BUDGET) or DEFAULT_BUDGET,
        steps=tuple(steps),
        follow_ups=tuple(body.follow_ups),
        body=_template(body_text, lines_before, findings),
    )
    if steps:
        fields.finish()  # a page without steps may be of another tool, whose front matter is its own business
        check_graph(steps, findings)
    return runbook, fields


def read_mode(fields: Fields, findings: Findings) -> Mode | None:
    """Read `mode`; those that this release does not know are a mistake."""
    mode = fields.word("mode", Mode)
    if mode in (Mode.SUGGEST, Mode.APPROVE):
        findings.error(fields.place_of("mode"), f"mode {mode} is not in this release", "use shadow or auto")
    return mode


def _split(text: str, findings: Findings) -> tuple[Located | None, str, int]:
    """Give the front matter, the text below it, and how many lines are before that."""
    found = _FRONT.match(text)
    if found is None:
        return None, text, 0
    return read_yaml(found[1] or "", findings, 1), text[found.end() :], text[: found.end()].count("\n")


def _read_body(text: str, lines_before: int, findings: Findings) -> _Body:
    body = _Body()
    lines = text.split("\n")
    section, phase = "", None
    tokens = MarkdownIt("commonmark").parse(text)
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            words = tokens[place + 1].content.strip()
            body.title = body.title or (words if token.tag == "h1" else "")
            if token.tag in _SECTION_TAGS:
                section, phase = words, PHASES.get(words.rstrip(":").casefold())
        elif token.type == "fence" and token.map:
            _read_fence(token, section, phase, lines_before + token.map[0] + 1, body, findings)
        elif token.type == "list_item_open" and phase is Phase.FOLLOW_UP and token.map:
            number = token.map[0]
            _read_task(lines[number], lines_before + number + 1, body, findings)
    return body


def _read_fence(
    token: Token, section: str, phase: Phase | None, line: int, body: _Body, findings: Findings
) -> None:  # where it stands and what it says
    words = token.info.split(maxsplit=1)
    if not words or words[0] not in ("yaml", "yml"):
        return
    named = _INFO.search(token.info)
    if named is None:
        if re.search(r"^(action|wait):", token.content, re.MULTILINE):
            findings.error(
                (line, 1), "a yaml fence with an action has no step=", "write ```yaml step=some_id"
            )
        return
    if phase is None:
        where = f"under {section!r}" if section else "before any heading"
        mend = "put it under Diagnosis, Mitigation, Verification or Follow-up"
        findings.error((line, 1), f"step {named[1]} stands {where}", mend)
        return
    if any(fence.id == named[1] for fence in body.fences):
        findings.error((line, 1), f"step {named[1]} is there twice", "give it a name of its own")
        return
    if len(body.fences) >= MAX_STEPS:
        if len(body.fences) == MAX_STEPS:
            findings.error(
                (line, 1), f"the page has more than {MAX_STEPS} steps", "split it into several pages"
            )
        return
    body.fences.append(Fence(named[1], phase, line, token.content))


def _read_task(text: str, line: int, body: _Body, findings: Findings) -> None:
    found = _TASK.match(text)
    if found is None:
        return
    owner, due = "", None
    for pair in (found[2] or "").split():
        name, _, value = pair.partition("=")
        if name == "owner":
            owner = value
        elif name == "due" and (due := parse_duration(value)) is not None:
            continue
        else:
            findings.error((line, 1), f"{pair!r} says nothing about a task", "write {owner=service due=5d}")
    body.follow_ups.append(FollowUp(found[1], owner, due))


def _steps(fences: list[Fence], actions: Mapping[str, Action], findings: Findings) -> list[Step]:
    read = [read_step(fence, actions, findings) for fence in fences]
    return [step for step in read if step is not None]


def _page_when(fields: Fields, findings: Findings) -> Page | None:
    words = fields.text("page").split()
    match words:
        case []:
            return None
        case ["at-once"]:
            return Page(PageWhen.AT_ONCE)
        case ["on-failure"]:
            return Page(PageWhen.ON_FAILURE)
        case ["after", text] if (after := parse_duration(text)) is not None and after > timedelta():
            return Page(PageWhen.AFTER, after)
        case _:
            findings.error(
                fields.place_of("page"),
                f"page: {' '.join(words)!r} is unknown",
                "at-once, on-failure, or after 3m",
            )
            return None


def _template(text: str, lines_before: int, findings: Findings) -> Template:
    """Compile the prose; a mistake in it is found line by line, so that it can be pointed at."""
    try:
        return compile_template(text)
    except CelError:
        told = {problem.line for problem in findings.problems}  # what a step says is checked with the step
        for number, line in enumerate(text.split("\n"), lines_before + 1):
            if number in told:
                continue
            try:
                compile_template(line)
            except CelError as error:
                findings.error(
                    (number, line.find("${{") + 1), str(error), "write it in CEL between ${{ and }}"
                )
        if not findings.problems:
            findings.error(
                (lines_before + 1, 1), "an expression in the prose goes over several lines", "put it on one"
            )
        return Template(text, (text,))
