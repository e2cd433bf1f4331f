"""A domain's record is opened as a draft for the signals of a message, and written again after them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from app.core.bounds import SEEN
from app.core.draft import Draft
from app.core.reviews.shelf import still_kept
from app.model.incident import DomainRecord
from app.model.library import Library
from app.model.signals import SignalBatch


def drafted(
    record: DomainRecord, batch: SignalBatch, at: datetime, libraries: Mapping[str, Library]
) -> Draft:
    """Give what the signals of a message, appended `at`, are decided on; a domain's time never runs backwards.

    Raises:
        KeyError: the batch's library is not among `libraries`.

    """
    now = at if record.now is None else max(record.now, at)
    return Draft(
        domain=record.domain,
        at=now,
        libraries=libraries,
        library=libraries[batch.library],
        mode=batch.mode,
        incidents=dict(record.incidents),
        changes=list(record.changes),
        timers=dict(record.timers),
        lags=record.lags,
        change_lags=record.change_lags,
        clocks=record.clocks,
        control=record.control,
        quiet=record.quiet,
        heartbeat=record.heartbeat,
        seen=dict.fromkeys(record.seen),
        moving=record.moving,
        shelf=still_kept(record.shelf, now),
        pages=record.pages,
        tasks=record.tasks,
        turns=record.turns,
        awaited=record.awaited,
    )


def recorded(record: DomainRecord, draft: Draft, offset: int) -> DomainRecord:
    """Give the record after the message at an offset."""
    return record.model_copy(
        update={
            "applied_offset": offset,
            "now": draft.at,
            "incidents": draft.incidents,
            "changes": draft.changes,
            "timers": draft.timers,
            "lags": draft.lags,
            "change_lags": draft.change_lags,
            "clocks": draft.clocks,
            "seen": list(draft.seen)[-SEEN:],
            "control": draft.control,
            "quiet": draft.quiet,
            "heartbeat": draft.heartbeat,
            "moving": draft.moving,
            "shelf": draft.shelf,
            "pages": draft.pages,
            "tasks": draft.tasks,
            "turns": draft.turns,
            "awaited": draft.awaited,
        }
    )
