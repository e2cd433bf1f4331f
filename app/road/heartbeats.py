"""What a library that comes into force tells the domains of its heartbeats: that each is expected from now on."""

from __future__ import annotations

from app.core.identity import output_id
from app.core.notices import notice_signal
from app.model.library import Library
from app.model.notices import Notice
from app.model.presence import domain_of
from app.model.signals import SignalBatch
from app.model.words import Mode, NoticeKind

SENDER = "library"


def expectations(library: Library, mode: Mode | None) -> list[SignalBatch]:
    """Give a message for each heartbeat, the same whichever worker sends it, and to be decided with this very library."""
    batches = []
    for name in sorted(library.heartbeats):
        domain = domain_of(name)
        id_ = output_id(domain, library.hash, NoticeKind.HEARTBEAT_EXPECTED)
        notice = Notice(
            id=id_, kind=NoticeKind.HEARTBEAT_EXPECTED, domain=domain, sender=SENDER, reason="in_force"
        )
        signals = [notice_signal(notice)]
        batches.append(SignalBatch(domain=domain, library=library.hash, mode=mode, signals=signals))
    return batches
