"""What chaos left on the topics, counted: what was lost, what was decided twice, what differs from replay."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from confluent_kafka import Consumer, KafkaError, TopicPartition

from app.connectors.applied import applied_offsets
from app.connectors.kafka import client_config, partitions_of, to_message
from app.core import record as records
from app.model.topics import DEAD_LETTERS, OUTPUTS, SIGNALS, TAKEN_IN
from app.road.verdict import place_of
from app.settings import Settings
from app.stream.topics import changelog_name
from app.stream.understanding import new_understand, new_wire

LATE = timedelta(seconds=5)
"""How late a timer may be."""


@dataclass
class Topics:
    """A service's topics, read as a stranger reads them."""

    settings: Settings

    def committed(self, topic, full=""):
        """Give a topic's committed messages."""
        return self._read(topic, full, "read_committed")

    def sent(self, topic):
        """Give all of a topic's messages, also those that were never committed."""
        return self._read(topic, "", "read_uncommitted")

    def lag(self):
        """How many offsets of what intake reads and of `signals` the service has still to take."""
        return self.left(self.ends())

    def ends(self):
        """Where what intake reads and `signals` end now: topic to partition to offset."""
        full = [f"{self.settings.topic_prefix}.{topic}" for topic in (*TAKEN_IN, SIGNALS)]
        return {each: self._ends(each) for each in full}

    def left(self, ends):
        """How many offsets before those ends the service has still to take; timers that fire later count no more."""
        left = 0
        for full, of_topic in ends.items():
            done = applied_offsets(self.settings.bootstrap_servers, self.settings.app_id, full, of_topic)
            left += sum(max(0, end - done[partition]) for partition, end in of_topic.items())
        return left

    def _ends(self, full):
        servers = self.settings.bootstrap_servers
        consumer = Consumer(client_config(servers, group_id="chaos-look"))
        try:
            return {
                each: consumer.get_watermark_offsets(TopicPartition(full, each), timeout=10)[1]
                for each in partitions_of(servers, full)
            }
        finally:
            consumer.close()

    def _read(self, topic, full, isolation):
        full = full or f"{self.settings.topic_prefix}.{topic}"
        more = {
            "group_id": "chaos-look",
            "enable_partition_eof": True,
            "isolation_level": isolation,
            "fetch_wait_max_ms": 50,
        }
        consumer = Consumer(client_config(self.settings.bootstrap_servers, **more))
        places = [
            TopicPartition(full, each, 0) for each in partitions_of(self.settings.bootstrap_servers, full)
        ]
        consumer.assign(places)
        left = len(places)
        while left:
            message = consumer.poll(10)
            if message is None:
                raise TimeoutError(f"{full} cannot be read to its end")
            if message.error() is None:
                yield to_message(message, topic)
            elif message.error().code() == KafkaError._PARTITION_EOF:
                left -= 1
        consumer.close()


def judge(topics, library, ended):
    """Give the figures, and the places of inputs that were lost; `ended` is when the last worker was told to end."""
    wire, figures = new_wire(topics.settings), Counter()
    identities, places = set(), Counter()
    for message in topics.committed(SIGNALS):
        figures["signals messages"] += 1
        for signal in wire.decode_signals(message.value).signals:
            identities.add(signal.identity)
            if signal.source.topic in TAKEN_IN:
                places[signal.source] += 1
            else:
                figures["timers fired"] += 1
    figures["intake repeats"] = sum(count - 1 for count in places.values())
    lost = list(_lost(topics, library, identities))
    figures["inputs lost"] = len(lost)
    figures.update(_repeats(topics))
    figures["messages that the engine failed on"] = _undecided(topics)
    figures["timers lost"] = _overdue(topics, ended)
    return figures, lost


def _lost(topics, library, identities):
    """Give inputs on their topics that are neither on `signals`, by identity, nor in the dead letters, by place."""
    letters = {json.loads(message.value)["id"] for message in topics.committed(DEAD_LETTERS)}
    understand = new_understand()
    for topic in TAKEN_IN:
        for message in topics.committed(topic):
            understood = understand([message], library, None)
            known = (
                signal.identity in identities for batch in understood.batches for signal in batch.signals
            )
            if not all(known) or not all(letter.id in letters for letter in understood.dead_letters):
                yield place_of(message)


def _undecided(topics):
    """How many messages of `signals` are dead letters: replay fails on them alike, so that it would tell of none."""
    letters = (json.loads(message.value) for message in topics.committed(DEAD_LETTERS))
    return sum(letter["topic"] == SIGNALS for letter in letters)


def _repeats(topics):
    """Repeated ids on the output topics: how many were committed, and how many were sent, with equal bytes or others."""
    figures = Counter()
    for topic in OUTPUTS:
        committed = Counter(_name(message) for message in topics.committed(topic))
        figures["outputs committed"] += len(committed)
        if topic != DEAD_LETTERS:  # most are intake's, which is free to repeat them
            figures["repeats among committed"] += sum(count - 1 for count in committed.values())
        digests = {}
        for message in topics.sent(topic):
            digest = hashlib.sha256(message.value).digest()
            first = digests.setdefault(_name(message), digest)
            figures["messages sent"] += 1
            figures["repeats sent, other bytes"] += first != digest
        figures["repeats sent"] -= len(digests)
    figures["repeats sent"] += figures["messages sent"]
    return figures


def _name(message):
    read = json.loads(message.value)
    return read["id"], read.get("version")


def _overdue(topics, ended):
    """Timers in the tables, as the changelog holds them, that should have fired before the workers ended."""
    newest = {
        message.key: message.value
        for message in topics.committed("changelog", changelog_name(topics.settings))
    }
    due = [records.next_due(records.load(value)) for value in newest.values()]
    return sum(each is not None and each.due < ended - LATE for each in due)
