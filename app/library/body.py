"""The Markdown of a page: its phases, its step fences, its tasks, its headings and links."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from difflib import get_close_matches
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

from app.library.fields import MAX_DURATION, parse_duration
from app.library.located import Place
from app.library.names import check_order
from app.library.problems import Findings
from app.library.steps import Fence
from app.model.runbook import FollowUp
from app.model.words import Phase

MAX_DUE = 10 * MAX_DURATION
"""The most time that a task may be given; beyond, some day no calendar would hold the moment."""
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
NEAR = 0.8
"""How alike a heading and a phase must be, from 0 to 1, to be taken for a slip."""
_TASK = re.compile(r"^\s*[-*+]\s+\[[ xX]\]\s+(.*?)\s*(?:\{([^{}]*)\})?\s*$")
_INFO = re.compile(r"\bstep=(\S*)")
_ACTION = re.compile(r"^(?:action:[ \t]*['\"]?([^\s'\"#]*)|wait:)", re.MULTILINE)
_SECTION_TAGS = ("h1", "h2")


@dataclass(frozen=True)
class Heading:
    """A heading and its line."""

    text: str
    level: int
    line: int


@dataclass(frozen=True)
class Link:
    """Where a link or picture leads, and where it stands."""

    target: str
    place: Place


@dataclass
class Body:
    """What is found while going through the Markdown."""

    lines_before: int
    title: str = ""
    fences: list[Fence] = field(default_factory=list)
    step_lines: set[int] = field(default_factory=set)
    """The lines that step fences take."""
    follow_ups: list[FollowUp] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    has_steps: bool = False
    """Whether it has steps, be they right or wrong."""
    misplaced: set[str] = field(default_factory=set)
    """Headings that steps stand under though they are no phases."""
    is_too_long: bool = False
    phase: Phase | None = None
    section: str = ""


def read_body(text: str, lines_before: int, actions: Collection[str], findings: Findings) -> Body:
    """Go through the Markdown below the front matter."""
    body = Body(lines_before)
    lines = text.split("\n")
    tokens = MarkdownIt("commonmark").parse(text)
    for place, token in enumerate(tokens):
        if not token.map:
            continue
        number = token.map[0]
        if token.type == "heading_open":
            _read_heading(token, tokens[place + 1].content.strip(), body)
        elif token.type == "fence":
            _read_fence(token, body, actions, findings)
        elif token.type == "inline":
            body.links += _links(token, lines, lines_before)
        elif token.type == "list_item_open" and body.phase is Phase.FOLLOW_UP:
            _read_task(lines[number], lines_before + number + 1, body, findings)
    return body


def meant(heading: str) -> str:
    """Give the phase that a heading seems to be meant for; empty where it is one, or is like none."""
    words = heading.rstrip(":").casefold()
    near = get_close_matches(words, PHASES, n=1, cutoff=NEAR) if words not in PHASES else []
    return near[0].capitalize() if near else ""


def _read_heading(token: Token, words: str, body: Body) -> None:
    level = int(token.tag[1:])
    body.title = body.title or (words if level == 1 else "")
    body.headings.append(Heading(words, level, body.lines_before + (token.map or [0])[0] + 1))
    if token.tag in _SECTION_TAGS:
        body.section, body.phase = words, PHASES.get(words.rstrip(":").casefold())


def _read_fence(token: Token, body: Body, actions: Collection[str], findings: Findings) -> None:
    start, end = token.map or (0, 0)
    line = body.lines_before + start + 1
    words = token.info.split(maxsplit=1)
    if not words or words[0].casefold() not in ("yaml", "yml"):
        return
    named = _INFO.search(token.info)
    if named is None:
        acting = _ACTION.search(token.content)
        if acting is not None:
            body.has_steps = body.has_steps or acting[1] in actions
            words_ = "a yaml fence with an action has no step="
            findings.error((line, 1), words_, "write ```yaml step=some_id")
        return
    body.has_steps = True
    body.step_lines.update(range(line, body.lines_before + end + 1))
    check_order(token.content, line + 1, findings)
    _add_fence(Fence(named[1], body.phase or Phase.DIAGNOSIS, line, token.content), body, findings)


def _add_fence(fence: Fence, body: Body, findings: Findings) -> None:
    at = (fence.line, 1)
    if body.phase is None:
        where = f"under {body.section!r}" if body.section else "before any heading"
        body.misplaced.add(body.section)
        near = meant(body.section)
        mend = (
            f"did you mean {near!r}?"
            if near
            else "put it under Diagnosis, Mitigation, Verification or Follow-up"
        )
        findings.error(at, f"step {ascii(fence.id)[1:-1]} stands {where}", mend)
    elif any(each.id == fence.id for each in body.fences):
        findings.error(at, f"step {fence.id} is there twice", "give it a name of its own")
    elif len(body.fences) < MAX_STEPS:
        body.fences.append(fence)
    elif not body.is_too_long:
        body.is_too_long = True
        findings.error(at, f"the page has more than {MAX_STEPS} steps", "split it into several pages")


def _read_task(text: str, line: int, body: Body, findings: Findings) -> None:
    found = _TASK.match(text)
    if found is None:
        return
    owner, due = "", None
    for pair in (found[2] or "").split():
        name, _, value = pair.partition("=")
        if name == "owner":
            owner = value
        elif name == "due" and (length := parse_duration(value)) is not None and length <= MAX_DUE:
            due = length
        else:
            findings.error((line, 1), f"{pair!r} says nothing about a task", "write {owner=service due=5d}")
    body.follow_ups.append(FollowUp(found[1], owner, due))


def _links(token: Token, lines: list[str], lines_before: int) -> list[Link]:
    start, end = token.map or (0, 0)
    found = []
    for child in token.children or []:
        target = child.attrGet("href") if child.type == "link_open" else None
        if child.type == "image":
            target = child.attrGet("src")
        if isinstance(target, str):
            plain = unquote(target)
            place = next(
                ((lines_before + number + 1, lines[number].find(each) + 1)
                 for number in range(start, end) for each in (target, plain) if each in lines[number]),
                (lines_before + start + 1, 1),
            )  # fmt: skip
            found.append(Link(plain, place))
    return found
