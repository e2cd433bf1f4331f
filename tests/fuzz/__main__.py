"""`make fuzz`: alerts mutated from valid ones, through a worker. Exit code 0 only if each became what it must."""

from __future__ import annotations

import argparse
import json
import secrets
import sys
from datetime import UTC, datetime

from tests.fuzz.run import run


def main():
    parser = argparse.ArgumentParser(prog="make fuzz ARGS=...", description=__doc__)
    parser.add_argument(
        "--alerts", type=int, default=100_000, help="how many, after lists are opened (100000)"
    )
    parser.add_argument("--seed", type=int, help="what the messages are drawn from")
    parser.add_argument("--json", action="store_true", help="one document instead of the table")
    given = parser.parse_args()
    seed = secrets.randbelow(10**6) if given.seed is None else given.seed
    tell(f"seed {seed}")
    done = run(given.alerts, seed, tell)
    if given.json:
        print(
            json.dumps(
                {
                    "seed": seed,
                    "broker": done.broker,
                    "figures": done.figures,
                    "made": done.made,
                    "faults": done.faults,
                }
            )
        )
    else:
        print(table(done.made), table(done.figures), sep="\n\n")
    for fault in done.faults:
        tell(fault)
    sys.exit(1 if done.faults else 0)


def table(figures):
    """Give figures as lines."""
    width = max(map(len, figures))
    return "\n".join(f"{name:<{width}}  {count:>9,}" for name, count in figures.items())


def tell(words):
    """Say on stderr how it goes."""
    print(f"{datetime.now(UTC):%H:%M:%S} fuzz: {words}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
