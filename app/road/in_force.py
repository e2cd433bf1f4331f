"""What a library that comes into force tells: its heartbeats that they are expected, and the domain `library` that its pages are to be shown."""

from __future__ import annotations

from app.core.identity import output_id
from app.core.notices import notice_signal
from app.model.library import Library
from app.model.notices import LIBRARY, Notice
from app.model.signals import SignalBatch
from app.model.topics import SIGNALS
from app.model.words import Mode, NoticeKind
from app.road.apply import Wire
from app.road.heartbeats import SENDER, expectations
from app.road.ports import Log, Outgoing


def announcement(library: Library, version: int, mode: Mode | None) -> SignalBatch:
    """Give the message for the domain `library`, the same whichever worker sends it, and to be decided with this very library.

    `version` is the offset at which the library was named on the topic `library`: it tells a library that comes back from a repeat.
    """
    notice = Notice(
        id=output_id(LIBRARY, f"{library.hash}/{version}", NoticeKind.LIBRARY_IN_FORCE),
        kind=NoticeKind.LIBRARY_IN_FORCE,
        domain=LIBRARY,
        sender=SENDER,
        reason="in_force",
        version=version,
    )
    return SignalBatch(domain=LIBRARY, library=library.hash, mode=mode, signals=[notice_signal(notice)])


async def tell_in_force(
    log: Log, library: Library, version: int, mode: Mode | None, wire: Wire, *, shows_pages: bool
) -> None:
    """Put the messages on `signals`, that of its pages if they are to be shown; on return the brokers have acked them."""
    batches = list(expectations(library, mode))
    if shows_pages:
        batches.append(announcement(library, version, mode))
    await log.append([Outgoing(SIGNALS, each.domain.encode(), wire.encode(each)) for each in batches])
