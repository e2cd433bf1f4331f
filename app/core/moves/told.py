"""What domains of a service that moved say to each other."""

from __future__ import annotations

from app.core.draft import Draft
from app.core.escalation import events
from app.core.moves.handing import answer, hand_over, install, remember
from app.core.moves.late import end_what_came
from app.core.moves.parcels import take
from app.core.moves.places import learn, on_answer, set_out
from app.model.inputs import AlertSignal
from app.model.moving import Waiting
from app.model.notices import Notice
from app.model.parcels import Letter
from app.model.words import NoticeKind

KINDS = (
    NoticeKind.MOVE_ASKED,
    NoticeKind.MOVE_ANSWERED,
    NoticeKind.INCIDENTS_MOVED,
    NoticeKind.SIGNAL_FORWARDED,
)
"""What they say."""


def on_notice(draft: Draft, notice: Notice) -> None:
    """Take a letter in; what it brings may have to go on to where its service is by now."""
    letter = take(draft, notice)
    if letter is None:
        return
    if letter.place is not None:
        learn(draft, letter.service, letter.place)
    if letter.parcel is not None:
        install(draft, letter.parcel, notice.sender)
    if letter.memory is not None:
        remember(draft, letter.memory)
    if letter.parcel is not None or letter.memory is not None:
        end_what_came(draft)
        events.end_what_came(draft)
    cause = draft.cause
    hand_over(draft)
    draft.cause = cause
    if letter.signal is not None:
        _arrives(draft, letter, notice)
    elif letter.place is not None and notice.kind is NoticeKind.MOVE_ASKED:
        answer(draft, letter.service, letter.place, notice.sender)
    elif letter.place is not None and notice.kind is NoticeKind.MOVE_ANSWERED:
        on_answer(draft, letter.service, letter.place, notice.sender)


def _arrives(draft: Draft, letter: Letter, notice: Notice) -> None:
    signal = letter.signal
    if signal is None:
        return
    if letter.returned and isinstance(signal.body, AlertSignal):
        set_out(draft, signal.body.alert.fingerprint)
    carrier = f"notice:{notice.letter_id}"
    draft.arrived.append(Waiting(signal=signal, carrier=carrier, sender=notice.sender, hops=letter.hops))
