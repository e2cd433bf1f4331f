"""One run of fuzzing: messages through a worker process on Kafka, in flow, and the account of all of them."""

from __future__ import annotations

import re
import tempfile
import time
import uuid
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from app.connectors.kafka import client_config, topics_of
from app.model.topics import ALERTS, DEAD_LETTERS, SIGNALS
from app.settings import Settings
from tests.chaos.judge import Topics
from tests.fuzz.account import Account
from tests.fuzz.judge import judge
from tests.fuzz.mutate import BYTES, Fuzzer
from tests.support import brokers
from tests.support.brokers import NoRealKafka
from tests.support.worker import WorkerProcess, make_topics

_LIBRARY = """
rules: {team: ops, receipt_within: 0s}
teams:
  ops: {title: Ops, escalation: ops, chat: "#ops", tickets: OPS}
people:
  alice: {name: Alice, contact_ref: pager/alice, contact: [{channel: push}]}
policies:
  ops: {levels: [{targets: ["user:alice"], ack_timeout: 5m}]}
"""
"""Pages once and lets it be: nobody answers here, and tens of thousands of incidents that climb would outweigh the intake."""
_WINDOW = {True: 8_000, False: 400}
"""How many alerts may be under way; the embedded broker keeps but 5 MiB a partition."""
_SILENT_S = 60
"""After how long without anything new the rest is lost."""
_TROUBLE = re.compile(r"Traceback|CRITICAL|cannot be decided|[Rr]estarting")


@dataclass
class Run:
    """What a run came to."""

    broker: str = ""
    figures: dict = field(default_factory=dict)
    made: Counter = field(default_factory=Counter)
    faults: list = field(default_factory=list)


def run(alerts, seed, say=lambda _: None, broker=None):
    """Fuzz with so many alerts or a few more, counted after lists are opened; give the Run.

    The broker is a real Kafka if there is one, else the embedded one, unless it is given.
    """
    with ExitStack() as stack:
        broker = broker or _broker(stack)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="oncall-fuzz-")))
        settings = _settings(broker, folder)
        if broker.real:
            make_topics(broker, settings.app_id)
        worker = stack.enter_context(_worker(settings)).wait_ready()
        say(f"a worker is ready on {broker.how}")
        flow = Flow(settings, worker, Account(), _WINDOW[broker.real])
        stack.callback(flow.close)
        fuzzer, began = Fuzzer(seed), time.monotonic()
        _send(fuzzer, flow, alerts, say)
        flow.drain()
        took = time.monotonic() - began
        _settle(Topics(settings), flow, say)
        return _told(Run(broker.how, made=fuzzer.made), flow, took)


def _broker(stack):
    try:
        return stack.enter_context(brokers.real_kafka())
    except NoRealKafka:
        return stack.enter_context(brokers.embedded())


def _settings(broker, folder):
    name = f"fuzz-{uuid.uuid4().hex[:8]}"  # topics of its own, on a Kafka that may be anyone's
    library = folder / "library"
    library.mkdir()
    (library / "estate.yaml").write_text(_LIBRARY)
    return Settings(
        bootstrap_servers=broker.bootstrap_servers,
        topic_prefix=name,
        app_id=name,
        runbooks=library,
        data_dir=folder / "data",
        embedded=not broker.real,
    )


def _worker(settings):
    named = ("bootstrap_servers", "topic_prefix", "app_id", "runbooks", "data_dir", "embedded")
    return WorkerProcess(**{name: getattr(settings, name) for name in named})


def _send(fuzzer, flow, alerts, say):
    under_way, told = 0, time.monotonic()
    while under_way < alerts:
        value = fuzzer.message()
        under_way += len(judge(value))
        flow.send(value)
        flow.wait(under_way - flow.window)
        if time.monotonic() - told > 10:
            told = time.monotonic()
            say(f"{flow.account.done:,} of {alerts:,} alerts accounted for")


@dataclass
class Flow:
    """Sends messages and reads at once what comes of them, with so many alerts under way; restarts a worker that died."""

    settings: Settings
    worker: WorkerProcess
    account: Account
    window: int
    restarts: int = 0
    ended: bool = False
    """Whether the worker was told to end."""

    def __post_init__(self):
        self._producer = Producer(
            client_config(self.settings.bootstrap_servers, linger_ms=5, message_max_bytes=5_000_000)
        )
        self._consumer = Consumer(
            client_config(
                self.settings.bootstrap_servers,
                group_id="fuzz-look",
                enable_auto_commit=False,
                isolation_level="read_committed",
                check_crcs=not self.settings.embedded,
                enable_partition_eof=True,
                auto_offset_reset="earliest",
            )
        )
        self._names = {
            self._full(DEAD_LETTERS): self.account.on_letter,
            self._full(SIGNALS): self.account.on_signals,
        }
        self._places = [
            TopicPartition(name, each, 0)
            for name in self._names
            for each in _numbers(self.settings.bootstrap_servers, name)
        ]
        self._consumer.assign(self._places)
        self._at_end = set()

    def send(self, value):
        """Send a message; the account hears of it when its place is known."""

        def delivered(error, message):
            if error is not None:
                raise RuntimeError(f"the broker refused a message: {error}")
            self.account.expect(message.partition(), message.offset(), value)

        self._producer.produce(self._full(ALERTS), value, b"key", on_delivery=delivered, partition=-1)
        self._producer.poll(0)

    def wait(self, count):
        """Read until so many alerts are accounted for, or nothing new has come for long."""
        seen, since = self.account.done, time.monotonic()
        while self.account.done < count and time.monotonic() - since < _SILENT_S:
            self.look()
            if self.account.done > seen:
                seen, since = self.account.done, time.monotonic()

    def drain(self):
        """Wait for everything that was sent."""
        self._producer.flush(30)
        self.wait(len(self.account.sent))

    def read_to_end(self):
        """Read on to the end of both topics as they are now."""
        self._at_end.clear()
        self._consumer.assign(self._consumer.position(self._places))
        while len(self._at_end) < len(self._places):
            self.look()

    def close(self):
        """Let go of the clients."""
        self._consumer.close()

    def look(self):
        """Take in what has come, for at most 0.1 s."""
        if not self.ended and self.worker.poll() is not None:
            self.restarts += 1
            self.worker.start().wait_ready()
        self._producer.poll(0)
        for message in self._consumer.consume(500, 0.1):
            if message.error() is None:
                self._names[message.topic()](message.value())
            elif message.error().code() == KafkaError._PARTITION_EOF:
                self._at_end.add((message.topic(), message.partition()))

    def _full(self, topic):
        return f"{self.settings.topic_prefix}.{topic}"


def _numbers(servers, topic):
    """The partitions of a topic; the embedded broker makes it when it is first asked, a moment later."""
    deadline = time.monotonic() + _SILENT_S
    while not (numbers := topics_of(servers).get(topic)):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{topic} does not appear")
        AdminClient(client_config(servers)).list_topics(topic, timeout=10)
    return numbers


def _settle(topics, flow, say):
    """Wait until the engine has applied all of it, end the worker, and read what it wrote last."""
    say("all is accounted for; waiting until the engine has applied it")
    deadline = time.monotonic() + _SILENT_S
    if not flow.settings.embedded:  # which shows nobody what a transaction committed for a group
        ends = topics.ends()
        while topics.left(ends) and time.monotonic() < deadline:
            flow.look()
        if left := topics.left(ends):
            flow.account.faults.append(f"{left} messages were never applied")
    flow.ended = True
    if code := flow.worker.terminate():
        flow.account.faults.append(f"the worker ended with {code}")
    flow.read_to_end()


def _told(done, flow, took):
    account = flow.account
    account.close()
    trouble = len(_TROUBLE.findall(flow.worker.log))
    total = len(account.sent)
    done.figures = {
        "alerts": total,
        **dict(sorted(account.figures.items())),
        "restarts": flow.restarts,
        "traces in the worker's log": trouble,
        "seconds": round(took, 1),
        "alerts a second": round(total / took),
    }
    done.faults = account.verdict()
    done.faults += [
        f"{name}: {done.figures[name]}, and must be 0"
        for name in ("restarts", "traces in the worker's log")
        if done.figures[name]
    ]
    done.faults += [f"bytes: {name}: never made" for name in BYTES if not done.made[f"bytes: {name}"]]
    return done
