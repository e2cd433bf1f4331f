"""The codecs and normalisers the road is given: app.wire and app.intake."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.intake.batch import IntakeResult, intake_batch
from app.model.library import Library
from app.model.notices import Notice
from app.model.outputs import Output
from app.model.signals import SignalBatch
from app.model.silences import Silence
from app.model.words import Mode
from app.road.apply import UnreadableError, Wire
from app.road.intake import Understand
from app.road.ports import Message
from app.settings import OutputFormat, Settings
from app.wire.codec import Codec
from app.wire.decode import WireError, decode


def new_wire(settings: Settings) -> Wire:
    """Make the codec of the settings' format; what is read may be of any format.

    What workers write to each other is JSON in any case. While releases are mixed, as in every upgrade, the older one has no schema
    for the newer one's Avro, and what was accepted would be dead letters; of JSON it passes over the fields that it does not know.
    """
    plain, configured = Codec(OutputFormat.JSON), Codec(settings.output_format)

    def encode(value: Output | SignalBatch) -> bytes:
        return (plain if isinstance(value, SignalBatch | Notice) else configured).encode(value)

    def decode_signals(value: bytes | None) -> SignalBatch:
        try:
            return decode(value, SignalBatch)
        except WireError as error:
            raise UnreadableError(error.reason, error.field, error.detail) from error

    return Wire(encode, decode_signals)


def new_understand(silences: Callable[[], Sequence[Silence]] = tuple) -> Understand:
    """Make the normaliser; `silences` gives those that are known when a batch is taken in."""

    def understand(messages: Sequence[Message], library: Library, mode: Mode | None) -> IntakeResult:
        return intake_batch(messages, library, mode, library.hash, silences())

    return understand
