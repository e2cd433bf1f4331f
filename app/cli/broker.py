"""`oncall broker`."""

from __future__ import annotations

import threading

from app.cli.errors import tell
from app.cli.interrupt import until_interrupted
from app.cli.options import examples

NAME = "broker"
EPILOG = examples(
    "oncall broker",
    "export ONCALL_EMBEDDED=1 ONCALL_BOOTSTRAP_SERVERS=127.0.0.1:34567     # what it printed; in other terminals:",
    "oncall worker",
    "oncall tail incident-events -f",
)


def command() -> None:
    """Run the embedded broker by itself, to try things on; its address is printed. Ctrl-C ends it.

    It keeps everything in memory and forgets it when it ends. For real work run Apache Kafka.
    """
    from app.broker import EmbeddedBroker

    stop = threading.Event()
    with EmbeddedBroker() as broker:
        print(broker.bootstrap_servers, flush=True)
        settings = f"export ONCALL_EMBEDDED=1 ONCALL_BOOTSTRAP_SERVERS={broker.bootstrap_servers}"
        tell(f"the embedded broker listens; in other terminals: {settings}; Ctrl-C ends it")
        with until_interrupted(stop):
            stop.wait()
