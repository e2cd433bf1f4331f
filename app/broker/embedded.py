"""A broker inside the process: librdkafka's own mock cluster, reached through confluent-kafka."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

from confluent_kafka.admin import AdminClient

if TYPE_CHECKING:
    from types import TracebackType

_ANSWER_WITHIN_S = 10.0
_POLL_S = 0.2


class EmbeddedBroker:
    """One mock broker on a free loopback port, for laptops, demos and fast tests; never for production.

    What it is not, so that nobody builds on it:

    - it listens on 127.0.0.1 only, on a port the system picks (librdkafka offers no setting for it);
    - it keeps nothing: `stop()` or the end of the process loses every message and offset;
    - topics appear on first use with 4 partitions (no setting either); it has no CreateTopics, so no topic configs,
      no compaction and no LogAppendTime;
    - it retains at most 5 MiB or 100,000 batches a partition, the oldest go first;
    - its control batches bear a wrong CRC: readers of transactions must not check CRCs here, and only here.

    Each `start()` is a new, empty broker on a new port. Starting twice or stopping twice changes nothing.
    """

    def __init__(self) -> None:
        self._bootstrap_servers: str | None = None
        self._stopping = threading.Event()
        self._keeper: threading.Thread | None = None

    @property
    def bootstrap_servers(self) -> str:
        """`host:port` for clients; RuntimeError when not started."""
        if self._bootstrap_servers is None:
            msg = "the embedded broker is not started"
            raise RuntimeError(msg)
        return self._bootstrap_servers

    def start(self) -> None:
        """Start the broker; it accepts connections on return. KafkaException if it does not answer within 10 s."""
        if self._keeper is not None:
            return
        client = _mock_cluster()
        self._bootstrap_servers = _address(client)
        self._stopping.clear()
        # The thread alone owns the client: when it ends, the last reference goes, and with it the mock cluster.
        self._keeper = threading.Thread(
            target=_poll_until, args=(client, self._stopping), name="embedded-broker", daemon=True
        )
        self._keeper.start()

    def stop(self) -> None:
        """Stop the broker and forget all it holds; its port is closed on return."""
        if self._keeper is None:
            return
        self._stopping.set()
        self._keeper.join()
        self._keeper = None
        self._bootstrap_servers = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _mock_cluster() -> AdminClient:
    # log_level 4 (warning) silences the notice on stderr that a mock cluster is in use: here that is the point.
    return AdminClient({"test.mock.num.brokers": 1, "log_level": 4})


def _address(client: AdminClient) -> str:
    brokers = client.list_topics(timeout=_ANSWER_WITHIN_S).brokers
    return ",".join(f"{broker.host}:{broker.port}" for broker in brokers.values())


def _poll_until(client: AdminClient, stopping: threading.Event) -> None:
    """Keep the client's queue of events drained, and the client alive, until told to stop."""
    while not stopping.is_set():
        client.poll(_POLL_S)
