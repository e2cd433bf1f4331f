"""Blow 50,000 alerts of one cause through a worker within a minute, and time the pages of ten other alerts of the same partition.

    python -m tests.storm                       # two minutes and what catching up takes; a table
    python -m tests.storm --json                # one document
    python -m tests.storm --alerts 5000 --seconds 6 --tries 3

Each of the others is critical, of a domain of its own that goes to the partition of `signals` which the storm goes to. Its time is from
when it is sent until its page can be read committed on `escalation-commands`. It is taken before the storm as well, for comparison. The machine's
load is told with the figures: nothing is judged.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import sys
from datetime import UTC, datetime

from tests.storm.run import Form, run, table
from tests.support.brokers import NoRealKafka, real_kafka


def main():
    parser = argparse.ArgumentParser(
        prog="python -m tests.storm",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--alerts", type=int, default=Form().alerts, help="alerts of the storm (%(default)s)")
    parser.add_argument(
        "--seconds", type=float, default=Form().seconds, help="how long it lasts (%(default)s)"
    )
    parser.add_argument(
        "--tries", type=int, default=Form().tries, help="other alerts meanwhile (%(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="one document instead of the table")
    given = parser.parse_args()
    logging.disable(logging.WARNING)  # aiokafka tells of every request that is to be tried again
    try:
        with real_kafka() as broker:
            form = Form(given.alerts, given.seconds, given.tries)
            document = asyncio.run(run(broker, form, _tell))
    except NoRealKafka as none:
        sys.exit(f"storm: {none}")
    print(json.dumps(document) if given.json else table(document))


def _tell(words):
    load = os.getloadavg()[0]
    print(f"{datetime.now(UTC):%H:%M:%S} storm: {words} (load {load:.1f})", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
