"""The bridge: brings the commands of one topic to one HTTP endpoint, each once its predecessor is settled.

The way of a command: read (committed only) → brought already? → past `not_after`? → posted until taken or refused → the
answer and any dead letter acked by Kafka → the offset committed. Killed anywhere, it brings the command again, with the
same Idempotency-Key.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka import Message as Received

from app import __version__
from app.connectors.announced import Announcer
from app.connectors.answers import AnswerError, answer_in, our_answer, topic_for
from app.connectors.endpoint import Endpoint, OverdueError, Refused, Taken
from app.connectors.kafka import POLL_S, Writer, client_config, partitions_of, to_message, unreachable
from app.connectors.vocabulary import MODELS, SHADOWS
from app.core.letters import dead_letters
from app.model.commands import AnyCommand, EscalationCommand
from app.model.connectors import Connector
from app.model.inputs import Response, StepResult
from app.model.outputs import DeadLetter
from app.model.topics import DEAD_LETTERS
from app.model.words import AnswerStatus
from app.road.ports import Message
from app.settings import Settings
from app.wire.codec import Codec
from app.wire.decode import WireError, decode

REMEMBERED = 10_000
"""How many ids of commands that were brought are remembered, to drop repeats."""
SESSION_MS = 10_000
"""After how many silent milliseconds another bridge of the group takes over."""


@dataclass
class Tally:
    """What a bridge has done."""

    delivered: int = 0
    refused: int = 0
    expired: int = 0
    repeated: int = 0
    unreadable: int = 0
    answers: int = 0


class LetGoError(Exception):
    """The command is not ours to bring any more: we are to stop, or its partition went to another bridge."""


class Bridge:
    """One topic's commands on their way to one endpoint, as a member of a consumer group."""

    def __init__(
        self, settings: Settings, topic: str, endpoint: Endpoint, *, group: str, say: Callable[[str], None]
    ) -> None:
        """Take the topic without its prefix; raises TopicMissingError or KafkaUnreachableError. `say` tells a person."""
        self._settings, self._topic, self._endpoint, self._say = settings, topic, endpoint, say
        self._servers = settings.bootstrap_servers
        partitions_of(self._servers, self._full(topic))
        self._codec = Codec(settings.output_format)
        self._brought: OrderedDict[str, None] = OrderedDict()
        self._ended: set[int] = set()
        self._assignments = 0
        self.tally = Tally()
        self._announcer = None if topic in SHADOWS else Announcer(settings, _connector(topic), say)
        self._consumer = Consumer(
            client_config(
                self._servers,
                group_id=group,
                session_timeout_ms=SESSION_MS,
                enable_auto_commit=False,
                enable_partition_eof=True,
                isolation_level="read_committed",
                auto_offset_reset="earliest",
            )
        )

    def run(self, stop: threading.Event, *, until_empty: bool = False) -> Tally:
        """Bring commands until told to stop, or until none is left.

        Raises EndpointMisfitError, NotAckedError or KafkaUnreachableError; what was not settled then is brought again next time.
        """
        try:
            self._consumer.subscribe([self._full(self._topic)], on_assign=self._assigned)
            with Writer(self._servers) as writer:
                while not stop.is_set() and not (until_empty and self._is_empty()):
                    received = self._poll(POLL_S)
                    if received is not None:
                        self._settle(received, writer, stop)
        except LetGoError:
            pass
        finally:
            self._consumer.close()
        return self.tally

    def _settle(self, received: Received, writer: Writer, stop: threading.Event) -> None:
        message = to_message(received, self._topic)
        place = TopicPartition(self._full(self._topic), message.partition, message.offset + 1)
        try:
            self._bring(message, writer, lambda seconds, until: self._pause(seconds, until, stop))
        except LetGoError:
            if stop.is_set():
                raise
            return  # partitions were dealt anew: whoever has this one now begins at its committed offset
        writer.flush()
        self._commit(place)

    def _bring(
        self, message: Message, writer: Writer, pause: Callable[[float, datetime | None], None]
    ) -> None:
        try:
            command = cast("AnyCommand", decode(message.value or b"", MODELS[self._topic]))
        except WireError as error:
            self._unreadable(message, error, writer)
            return
        if command.id in self._brought:
            self.tally.repeated += 1
            return
        try:
            outcome = self._endpoint.deliver(
                command, self._topic, lambda seconds: pause(seconds, command.not_after)
            )
        except OverdueError:
            self.tally.expired += 1
            self._say(f"{command.id}: expired, it was to be done by {command.not_after}; not sent")
            self._answer(command, our_answer(command, AnswerStatus.EXPIRED, "past not_after"), writer)
        else:
            self._conclude(command, message, outcome, writer)
        self._remember(command.id)

    def _conclude(
        self, command: AnyCommand, message: Message, outcome: Taken | Refused, writer: Writer
    ) -> None:
        if isinstance(outcome, Refused):
            self.tally.refused += 1
            self._say(f"{command.id}: refused for good, {outcome.why}; it is on {DEAD_LETTERS}")
            self._bury(dead_letters(message, "endpoint_refused", outcome.why), writer)
            self._answer(command, our_answer(command, AnswerStatus.REFUSED, outcome.why), writer)
            return
        self.tally.delivered += 1
        try:
            answer = answer_in(command, outcome.body)
        except AnswerError as error:
            self._say(
                f"{command.id}: delivered, but its answer cannot be read and was not passed on: {error}"
            )
            return
        if answer is None and isinstance(command, EscalationCommand) and command.op == "notify":
            answer = our_answer(
                command, AnswerStatus.ACCEPTED, ""
            )  # the engine waits for that, and 2xx says it
        if answer is not None:
            self._answer(command, answer, writer)

    def _unreadable(self, message: Message, error: WireError, writer: Writer) -> None:
        self.tally.unreadable += 1
        where = f"{message.topic}, partition {message.partition}, offset {message.offset}"
        self._say(f"{where}: not a command ({error}); it is on {DEAD_LETTERS}")
        self._bury(dead_letters(message, error.reason, error.detail, field=error.field), writer)

    def _answer(self, command: AnyCommand, answer: StepResult | Response, writer: Writer) -> None:
        self.tally.answers += 1
        writer.send(self._full(topic_for(command)), command.domain.encode(), self._codec.encode(answer))

    def _bury(self, letters: Iterable[DeadLetter], writer: Writer) -> None:
        for letter in letters:
            writer.send(self._full(DEAD_LETTERS), letter.key, self._codec.encode(letter))

    def _remember(self, command_id: str) -> None:
        self._brought[command_id] = None
        if len(self._brought) > REMEMBERED:
            self._brought.popitem(last=False)

    def _pause(self, seconds: float, until: datetime | None, stop: threading.Event) -> None:
        """Wait between tries without leaving the group; raise LetGoError when the command is no longer ours."""
        left = (until - datetime.now(UTC)).total_seconds() + 0.001 if until else seconds
        deadline = time.monotonic() + min(seconds, max(left, 0.0))
        mine = self._assignments
        self._consumer.pause(self._consumer.assignment())
        try:
            while (rest := deadline - time.monotonic()) > 0:
                received = self._poll(min(rest, POLL_S))
                if received is not None:  # of a partition that has just come to us: later
                    self._consumer.seek(_place_of(received))
                if stop.is_set() or self._assignments != mine:
                    raise LetGoError
        finally:
            self._consumer.resume(self._consumer.assignment())

    def _poll(self, seconds: float) -> Received | None:
        if self._announcer is not None:
            self._announcer.announce()
        received = self._consumer.poll(seconds)
        if received is None:
            return None
        error = received.error()
        if error is None:
            self._ended.discard(received.partition() or 0)
            return received
        if error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001  # librdkafka's public name
            self._ended.add(received.partition() or 0)
        elif error.fatal() or not error.retriable():
            raise unreachable(self._servers, KafkaException(error))
        return None

    def _commit(self, place: TopicPartition) -> None:
        try:
            self._consumer.commit(offsets=[place], asynchronous=False)
        except KafkaException as error:
            # The partition went to another while we were at it: that one brings the command again, and its id tells.
            self._say(f"partition {place.partition}: offset not committed ({error.args[0].str()})")

    def _assigned(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        self._ended.clear()
        self._assignments += 1
        names = ", ".join(str(part.partition) for part in partitions) or "none"
        self._say(f"partitions {names} of {self._full(self._topic)}")

    def _is_empty(self) -> bool:
        ours = {part.partition for part in self._consumer.assignment()}
        return bool(ours) and ours <= self._ended

    def _full(self, topic: str) -> str:
        return f"{self._settings.topic_prefix}.{topic}"


def _connector(topic: str) -> Connector:
    kind = topic.removesuffix("-commands")
    instance = f"bridge-{kind}-{socket.gethostname()}-{os.getpid()}"
    return Connector.model_validate(
        {"kind": kind, "instance": instance, "name": "oncall bridge", "version": __version__}
    )


def _place_of(received: Received) -> TopicPartition:
    return TopicPartition(received.topic() or "", received.partition() or 0, received.offset() or 0)
