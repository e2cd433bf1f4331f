"""A runbook's page as HTML, filled in for one incident, with the state of each step beside the step's fence.

Values from outside (labels, annotations, outputs) never meet the Markdown parser: each expression is parsed as a plain
word, and the word is replaced by the escaped value afterwards. So a label cannot make a link, a heading or a tag.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.tasklists import tasklists_plugin

from app.core.render import render_prose
from app.model.expressions import Context, Template

StepBox = Callable[[str], str]
"""Gives the HTML of a step's state by the step's id, to stand above its fence."""

_STEP = re.compile(r"\bstep=([a-z][a-z0-9_]*)")
_TASK_FACTS = re.compile(r"\s*\{([a-z]+=[^{}]*)\}\s*$")
_TAG_NAMES = (
    "a blockquote br code dd del div dl dt em h1 h2 h3 h4 h5 h6 hr input li mark ol p pre s span strong sub sup "
    "table tbody td th thead tr ul"
)
_TAGS = set(_TAG_NAMES.split())
_ATTRIBUTES = {
    "a": {"href", "title"},
    "input": {"type", "checked", "disabled"},
    "ol": {"start"},
    "td": {"align"},
    "th": {"align"},
    **{tag: {"class"} for tag in ("div", "dl", "li", "p", "span", "ul")},
}


def render_page(body: Template, context: Context, step_box: StepBox) -> str:
    """Give safe HTML: raw HTML of the page is shown as text, and the result is sanitised besides."""
    source, values = _with_words(body, context)
    rendered = _markdown(step_box).render(source)
    filled = _fill(rendered, values)
    return nh3.clean(
        filled,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noreferrer",
    )


def _with_words(body: Template, context: Context) -> tuple[str, dict[str, str]]:
    """The page with a plain word for each expression, and what each word stands for."""
    stem = "xpr"
    while stem in body.source:
        stem += "x"
    words: dict[str, str] = {}
    parts = []
    for part in body.parts:
        if isinstance(part, str):
            parts.append(part)
            continue
        word = f"{stem}{len(words)}q"
        words[word] = render_prose(Template(part.source, (part,)), context)
        parts.append(word)
    return "".join(parts), words


def _fill(rendered: str, words: dict[str, str]) -> str:
    if not words:
        return rendered
    pattern = re.compile("|".join(re.escape(word) for word in words))
    return pattern.sub(lambda found: html.escape(words[found[0]]), rendered)


def _markdown(step_box: StepBox) -> MarkdownIt:
    md = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("image")
    md.use(tasklists_plugin)
    md.core.ruler.push("task_facts", lambda state: _tidy_tasks(state.tokens))

    def fence(_: RendererHTML, tokens: Sequence[Token], index: int, __: OptionsDict, ___: EnvType) -> str:
        token = tokens[index]
        code = f"<pre><code>{html.escape(token.content)}</code></pre>\n"
        found = _STEP.search(token.info)
        if not found:
            return code
        return f'<div class="step">{step_box(found[1])}{code}</div>\n'

    md.add_render_rule("fence", fence)
    return md


def _tidy_tasks(tokens: Sequence[Token]) -> None:
    """Show `{owner=service due=5d}` behind a follow-up as `(owner service, due 5d)`."""
    for token in tokens:
        for child in token.children or ():
            if child.type == "text":
                child.content = _TASK_FACTS.sub(_in_words, child.content)


def _in_words(found: re.Match[str]) -> str:
    return f" ({', '.join(fact.replace('=', ' ', 1) for fact in found[1].split())})"
