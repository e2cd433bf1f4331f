"""`make cost`: what the transactions cost beside at-least-once, as a table or a document. It judges nothing."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import sys
from datetime import UTC, datetime

from tests.cost.figures import table
from tests.cost.run import FULL, SHORT, run
from tests.support.brokers import NoRealKafka, real_kafka


def main():
    parser = argparse.ArgumentParser(prog="make cost ARGS=...", description=__doc__)
    parser.add_argument("--short", action="store_true", help="few batches, once: only that it runs")
    parser.add_argument("--repeats", type=int, help="passes of each way over each size (5)")
    parser.add_argument("--tries", type=int, help="lonely alerts (150)")
    parser.add_argument("--json", action="store_true", help="one document instead of the table")
    given = parser.parse_args()
    form = SHORT if given.short else FULL
    changed = {name: getattr(given, name) for name in ("repeats", "tries") if getattr(given, name)}
    logging.disable(logging.WARNING)  # aiokafka tells of every request that is to be tried again
    try:
        with real_kafka() as broker:
            document = asyncio.run(run(broker, form._replace(**changed), _tell))
    except NoRealKafka as none:
        sys.exit(f"cost: {none}")
    print(json.dumps(document) if given.json else f"{document['broker']}\n{table(document)}")


def _tell(words):
    load = os.getloadavg()[0]
    print(f"{datetime.now(UTC):%H:%M:%S} cost: {words} (load {load:.1f})", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
