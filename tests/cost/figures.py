"""Many passes summed up: medians with their spread, percentiles, and what counts: the ratios."""

from __future__ import annotations

import math
from statistics import median

from tests.cost.writing import AT_LEAST_ONCE, TRANSACTION

_PERCENTILES = (50, 95, 99)


def percentile(values, percent):
    """The smallest of the values that at least so many per cent do not exceed."""
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def spread(values):
    """Median, lowest and highest."""
    return {"median": median(values), "low": min(values), "high": max(values)}


def percentiles_ms(seconds):
    """Percentiles in milliseconds, and of how many."""
    return {f"p{each}": percentile(seconds, each) * 1000 for each in _PERCENTILES} | {"of": len(seconds)}


def of_way(passes):
    """Sum up the passes of one way over one history."""
    writes = [each for one in passes for each in one.writes]
    total = sum(one.total for one in passes)
    batches = sum(one.batches for one in passes)
    parts = {part: sum(one.parts[part] for one in passes) for part in passes[0].parts}
    return {
        "batches_per_s": spread([one.batches / one.total for one in passes]),
        "signals_per_s": spread([one.signals / one.total for one in passes]),
        "outputs_per_batch": sum(one.outputs for one in passes) / batches,
        "write_ms": percentiles_ms(writes),
        "decide_share": parts["decide"] / total,
        "kafka_share": sum(writes) / total,
        "mean_ms": {part: seconds / batches * 1000 for part, seconds in parts.items()},
    }


def ratios(transactions, others):
    """Transaction by at least once, pass by pass, for those of one repeat lay close in time."""
    pairs = list(zip(transactions, others, strict=True))
    return {
        "signals_per_s": spread(
            [(one.signals / one.total) / (other.signals / other.total) for one, other in pairs]
        ),
        "write_p50": spread(
            [percentile(one.writes, 50) / percentile(other.writes, 50) for one, other in pairs]
        ),
        "added_ms": spread(
            [(percentile(one.writes, 50) - percentile(other.writes, 50)) * 1000 for one, other in pairs]
        ),
    }


def sum_up(passes, lonely):
    """Give the whole document. `passes` is size → way → passes; `lonely` is way → seconds."""
    return {
        "sizes": [
            {
                "signals": size,
                **{way: of_way(done) for way, done in ways.items()},
                "ratio": ratios(ways[TRANSACTION], ways[AT_LEAST_ONCE]),
            }
            for size, ways in passes.items()
        ],
        "lonely_ms": {way: percentiles_ms(seconds) for way, seconds in lonely.items()},
    }


def table(document):
    """Give the document as lines."""
    head = f"{'signals':>7}  {'way':<13} {'batches/s':>18} {'signals/s':>18} {'write ms p50 / p95 / p99':>27} {'decide':>7} {'Kafka':>6}"
    lines = [head]
    for each in document["sizes"]:
        lines += [_way_line(each, way) for way in (TRANSACTION, AT_LEAST_ONCE)]
        ratio = each["ratio"]
        lines.append(
            f"{'':>7}  {'ratio':<13} {'':>18} {_range(ratio['signals_per_s'], '.2f'):>18}"
            f"  p50 {_range(ratio['write_p50'], '.1f')}, {_range(ratio['added_ms'], '+.1f')} ms"
        )
    lines += ["", "a lonely alert, from sent to its step command readable, ms p50 / p95 / p99"]
    lines += [f"{'':>7}  {way:<13} {_percentiles(found)}" for way, found in document["lonely_ms"].items()]
    return "\n".join(lines)


def _way_line(each, way):
    found = each[way]
    return (
        f"{each['signals']:>7}  {way:<13} {_range(found['batches_per_s'], '.1f'):>18}"
        f" {_range(found['signals_per_s'], '.0f'):>18} {_percentiles(found['write_ms']):>27}"
        f" {found['decide_share']:>7.0%} {found['kafka_share']:>6.0%}"
    )


def _range(found, form):
    return f"{found['median']:{form}} ({found['low']:{form}}…{found['high']:{form}})"


def _percentiles(found):
    return " / ".join(f"{found[f'p{each}']:.1f}" for each in _PERCENTILES) + f"  n={found['of']}"
