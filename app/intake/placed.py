"""A signal with the domain it belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.intake.limits import SIGNAL
from app.model.base import Values
from app.model.inputs import AlertSignal, ResponseSignal, StepResultSignal, SystemEventSignal
from app.model.signals import Signal
from app.model.silences import Silence, matching
from app.wire.errors import WireError

_DOUBLE = 6
"""By how many bytes a double may be longer in Avro (9) than in JSON (`0.0,`); nothing else is."""
_TOLD = 100
"""What a silence takes besides its id, where an alert is told of it."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A signal and its correlation domain."""

    domain: str
    signal: Signal
    size: int
    """The most bytes it takes in a `signals` message, in any format."""


def placed(domain: str, signal: Signal) -> Placed:
    """Place a signal.

    Raises:
        WireError: too_large: no `signals` message could hold it beside others.

    """
    doubles = sum(isinstance(leaf, float) for leaf in _leaves(_values(signal)))
    size = len(signal.model_dump_json().encode()) + 1 + _DOUBLE * doubles
    if size > SIGNAL:
        raise WireError(
            "too_large", f"It takes {size} bytes in all; at most {SIGNAL} are taken: shorten its texts."
        )
    return Placed(domain, signal, size)


def silenced(alert: Placed, silences: Sequence[Silence]) -> Placed:
    """Tell an alert which silences match it; any other signal stays as it is."""
    body = alert.signal.body
    if not silences or not isinstance(body, AlertSignal):
        return alert
    told = matching(silences, body.alert.labels)
    if not told:
        return alert
    signal = alert.signal.model_copy(update={"body": body.model_copy(update={"silences": told})})
    return Placed(alert.domain, signal, alert.size + sum(_TOLD + len(each.id.encode()) for each in told))


def _values(signal: Signal) -> Values:
    match signal.body:
        case SystemEventSignal(event=event):
            return event.data
        case StepResultSignal(result=answer) | ResponseSignal(response=answer):
            return answer.output
        case _:
            return {}


def _leaves(values: Values) -> Iterator[object]:
    for value in values.values():
        if isinstance(value, dict):
            yield from value.values()
        elif isinstance(value, list):
            yield from value
        else:
            yield value
