"""`make chaos`: the long form, with its table of figures. Exit code 0 only if all that is promised held."""

from __future__ import annotations

import argparse
import dataclasses
import json
import secrets
import sys

from tests.chaos.run import LONG, SHORT, run, table, tell
from tests.support.brokers import NoRealKafka


def main():
    parser = argparse.ArgumentParser(prog="make chaos ARGS=...", description=__doc__)
    parser.add_argument("--short", action="store_true", help="under two minutes, as in make test")
    parser.add_argument("--seconds", type=float, help="how long harm is done (600)")
    parser.add_argument("--rate", type=float, help="inputs a second (110)")
    parser.add_argument(
        "--seed", type=int, help="of load and harm; Kafka's and the system's own timing stay theirs"
    )
    parser.add_argument("--json", action="store_true", help="one document instead of the table")
    given = parser.parse_args()
    form = SHORT if given.short else LONG
    changed = {name: getattr(given, name) for name in ("seconds", "rate") if getattr(given, name)}
    seed = secrets.randbelow(10**6) if given.seed is None else given.seed
    tell(f"seed {seed}")
    try:
        done = run(dataclasses.replace(form, **changed) if changed else form, seed, tell)
    except NoRealKafka as none:
        sys.exit(f"chaos: {none}")
    faults = done.faults()
    print(
        json.dumps({"seed": seed, "figures": done.figures, "faults": faults}) if given.json else table(done)
    )
    for words in done.last_words:
        tell(f"the last words of a worker that gave up: {words}")
    for fault in faults:
        tell(fault)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
