"""What an incident leaves to be done: the follow-ups of its pages. Its review shows them, and each becomes a ticket."""

from __future__ import annotations

from collections.abc import Iterator

from app.core.draft import Draft
from app.model.incident import Incident
from app.model.runbook import FollowUp


def left_over(draft: Draft, incident: Incident) -> list[FollowUp]:
    """Give the follow-ups of the pages that ran, else of the one that was followed by hand; those of the same words once."""
    return list({each.text: each for each in _of_pages(draft, incident)}.values())


def _of_pages(draft: Draft, incident: Incident) -> Iterator[FollowUp]:
    pages = [(run.library, run.runbook_id) for run in incident.executions]
    for library, runbook_id in pages or [("", incident.runbook_id)]:
        page = draft.libraries.get(library, draft.library).runbooks.get(runbook_id)
        yield from page.follow_ups if page is not None else ()
