"""A notice of one domain as the signal that it is for another."""

from __future__ import annotations

from app.model.inputs import Response, ResponseSignal
from app.model.notices import Notice
from app.model.signals import Signal, Source

_NOWHERE = Source()


def notice_signal(notice: Notice, source: Source = _NOWHERE) -> Signal:
    """Give the signal that intake makes of a notice: a response that answers nothing, with the notice in it.

    So the kinds of signals stay what they were in every released schema.
    """
    answers_nothing = Response(id=notice.id, domain=notice.domain)
    body = ResponseSignal(response=answers_nothing, notice=notice)
    return Signal(identity=f"notice:{notice.id}", source=source, body=body)
