"""Pages of the library as documents: when a library comes into force, those that it changed are written, and those it lacks taken away.

Decided in the domain `library`, whose record knows what is shown; docs/decisions/0005-pages-as-documents.md.
"""

from __future__ import annotations

from typing import Any

from app.core.bounds import LINE_CHARS, cut
from app.core.draft import Draft
from app.core.identity import output_id
from app.model.commands import DocumentCommand
from app.model.inputs import Response
from app.model.notices import Notice
from app.model.pages import ShownPage, ShownPages
from app.model.runbook import Runbook
from app.model.words import AnswerStatus, Mode, Severity, Urgency, strictest

FOLDER = "runbooks/"
"""What the path of a page begins with in the documents' tree."""


def show(draft: Draft, notice: Notice) -> None:
    """Show the pages of a library that came into force; one that was told before, or is older than what is shown, changes nothing."""
    shown = draft.pages or ShownPages()
    if notice.version <= shown.version:
        return
    pages, held = {page.path: page for page in draft.library.runbooks.values()}, dict(shown.pages)
    for path in sorted(pages):
        page, mode = pages[path], _mode(draft, pages[path])
        before = held.get(path)
        if before is None or (before.hash, before.shadow) != (page.hash, mode is Mode.SHADOW):
            held[path] = _publish(draft, page, mode, before or ShownPage(revision=0))
    mode = strictest(draft.library.rules.mode, draft.mode)
    for path in sorted(held.keys() - pages.keys()):
        last = held[path]
        is_live = bool(last.live) if last.shadow else not last.gone
        if is_live and mode is not Mode.SHADOW:
            held[path] = _remove(draft, path, mode, last)
        elif last.shadow and not last.gone:
            held[path] = _remove(draft, path, Mode.SHADOW, last)
    draft.pages = shown.model_copy(update={"version": notice.version, "pages": held})


def on_answer(draft: Draft, response: Response) -> bool:
    """Take a document connector's answer; False where it answers nothing known here.

    Its key is borne by later commands, and what it could not write is sent with the next library.
    """
    shown = draft.pages or ShownPages()
    path = next((each for each in shown.pages if _object_id(draft, each) == response.object_id), None)
    if path is None or response.response is not None:
        return False
    key = cut(response.external_key, LINE_CHARS)
    fields: dict[str, object] = {"key": key} if key else {}
    if response.status in (AnswerStatus.FAILED, AnswerStatus.REFUSED, AnswerStatus.EXPIRED):
        fields |= {"hash": "", "gone": False}
    page = shown.pages[path].model_copy(update=fields)
    draft.pages = shown.model_copy(update={"pages": {**shown.pages, path: page}})
    return True


def _publish(draft: Draft, page: Runbook, mode: Mode, known: ShownPage) -> ShownPage:
    in_shadow = mode is Mode.SHADOW
    stands = known.written if in_shadow and (known.shadow or not known.gone) else 0
    newest = {"hash": page.hash, "gone": False, "shadow": in_shadow, "live": stands}
    after = known.model_copy(update={**newest, "revision": known.revision + 1})
    source = (
        f"Runbook `{page.id}` of {page.owner or 'nobody'}, written in `{page.path}` (`{page.hash[:12]}`)."
    )
    fields = {
        "op": "publish",
        "title": page.title,
        "text": source,
        "team": page.owner,
        "body": f"# {page.title}\n\n{page.body.source.strip()}\n\n---\n{source}\n",
        "mode": mode,
    }
    # What went to the shadow topic was never written, so a live document does not rest upon it, nor the other way round.
    base = known.written if not in_shadow else known.revision if known.shadow else 0
    _command(draft, page.path, after, {**fields, "base_revision": base})
    return after


def _remove(draft: Draft, path: str, mode: Mode, before: ShownPage) -> ShownPage:
    in_shadow = mode is Mode.SHADOW
    newest = {"hash": "", "gone": True, "shadow": in_shadow, "live": before.live if in_shadow else 0}
    after = before.model_copy(update={**newest, "revision": before.revision + 1})
    fields = {
        "op": "remove",
        "title": path,
        "text": f"The library in force has no page `{path}` any more.",
        "body": "",
        "mode": mode,
        "base_revision": before.revision if in_shadow else before.written,
    }
    _command(draft, path, after, fields)
    return after


def _command(draft: Draft, path: str, page: ShownPage, fields: dict[str, Any]) -> None:
    common = {
        "id": draft.new_id(f"{path}/document/{page.revision}"),
        "object_id": _object_id(draft, path),
        "revision": page.revision,
        "domain": draft.domain,
        "incident_id": "",
        "severity": Severity.NONE,
        "urgency": Urgency.LOW,
        "issued_at": draft.at,
        "refs": {"document": page.key} if page.key else {},
        "path": f"{FOLDER}{path}",
    }
    draft.outputs.append(DocumentCommand.model_validate({**common, **fields}))


def _object_id(draft: Draft, path: str) -> str:
    return output_id(draft.domain, path, "document")


def _mode(draft: Draft, page: Runbook) -> Mode:
    """Give the mode of a page's document: the strictest of the library's, the owner's and the worker's. The page's own is that of its steps."""
    owner = draft.library.teams.get(page.owner)
    return strictest(draft.library.rules.mode, owner.mode if owner else None, draft.mode)
