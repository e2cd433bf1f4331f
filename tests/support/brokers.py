"""The brokers tests run against, and the order in which a real one is chosen.

1. `KAFKA_BOOTSTRAP_SERVERS`: one that is already there, and is left as it was but for the tests' own topics;
2. testcontainers, where a Docker engine answers;
3. Apache Kafka as a process, where there are Java 17+ and Maven (tests/support/kafka_process.py);
4. none: NoRealKafka, and the tests that need one are skipped by name.

A broker that is chosen and does not start is an error, never a reason to try the next.
"""

from __future__ import annotations

import functools
import gc
import os
import warnings
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from testcontainers.community.kafka import KafkaContainer
from testcontainers.core.docker_client import DockerClient

from app.broker import EmbeddedBroker
from tests.support import kafka_process
from tests.support.kafka_process import KafkaProcess, KafkaProcessError

if TYPE_CHECKING:
    from collections.abc import Iterator

BOOTSTRAP_VARIABLE = "KAFKA_BOOTSTRAP_SERVERS"
_CONTAINER_START_S = 120
_SINGLE_NODE = {
    "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
    "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
    "KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS": "4",
    "KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS": "4",
    "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
    "KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS": "1000",
}


class NoRealKafka(Exception):  # noqa: N818 - no error: a finding about the machine
    """This machine offers no real Kafka; the message says what was looked for."""


@dataclass(frozen=True)
class Broker:
    """A broker that answers. `how` is for people; `node` is there when the test run owns the process."""

    bootstrap_servers: str
    real: bool
    how: str
    node: KafkaProcess | None = None


@contextmanager
def real_kafka() -> Iterator[Broker]:
    """The first real Kafka of the order above, for as long as the block runs.

    Raises NoRealKafka if there is none, KafkaProcessError or testcontainers' error if the chosen one does not start.
    """
    if given := os.environ.get(BOOTSTRAP_VARIABLE):
        yield Broker(given, real=True, how=BOOTSTRAP_VARIABLE)
    elif _docker_answers():
        with _container() as broker:
            yield broker
    elif lack := kafka_process.missing():
        raise NoRealKafka(f"needs a real Apache Kafka: no {BOOTSTRAP_VARIABLE}, no Docker engine, {lack}")
    else:
        with process_kafka() as broker:
            yield broker


@contextmanager
def process_kafka() -> Iterator[Broker]:
    """A node of one's own, to kill and restart. Raises NoRealKafka where it cannot run, KafkaProcessError if it fails."""
    if lack := kafka_process.missing():
        raise NoRealKafka(f"needs an Apache Kafka process of its own: {lack}")
    with KafkaProcess() as node:
        how = f"Apache Kafka {kafka_process.kafka_version()} as a process"
        yield Broker(node.bootstrap_servers, real=True, how=how, node=node)


@contextmanager
def embedded() -> Iterator[Broker]:
    """The product's embedded broker."""
    with EmbeddedBroker() as broker:
        yield Broker(broker.bootstrap_servers, real=False, how="embedded (librdkafka's mock cluster)")


def prepare() -> None:
    """Fetch what a real broker needs, before any test's clock runs. Failures are told by whoever starts the broker."""
    if not os.environ.get(BOOTSTRAP_VARIABLE) and kafka_process.missing() is None and not _docker_answers():
        with suppress(KafkaProcessError):
            kafka_process.resolve_jars()


@functools.cache
def _docker_answers() -> bool:
    """Asked once: an engine does not come and go within a run."""
    with warnings.catch_warnings():
        # A refused docker client leaves its socket to the garbage collector, which complains; let it, here and now,
        # and not in some later test.
        warnings.simplefilter("ignore", ResourceWarning)
        try:
            return bool(DockerClient().client.ping())
        except Exception:  # noqa: BLE001 - the client raises a dozen kinds; each means that no engine answers
            return False
        finally:
            gc.collect()


@contextmanager
def _container() -> Iterator[Broker]:
    kafka = KafkaContainer().with_kraft()
    for name, value in _SINGLE_NODE.items():
        kafka.with_env(name, value)
    try:
        kafka.start(timeout=_CONTAINER_START_S)
        yield Broker(kafka.get_bootstrap_server(), real=True, how=f"testcontainers, {kafka.image}")
    finally:
        kafka.stop()
