"""`oncall simulate`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import out
from app.cli.errors import FINDING, CommandError, tell
from app.cli.options import Json, examples

if TYPE_CHECKING:
    from app.simulate.campaign import Campaign
    from app.simulate.plan import Plan
    from app.simulate.run import Result

NAME = "simulate"
EPILOG = examples(
    "oncall simulate --seeds 1000            # every boundary, every kind of crash, on all processors",
    "oncall simulate --seed 28               # one history again, and the small one that is left of it if it fails",
    "oncall simulate --plant offset-outside  # is a mistake of that kind found? then this exits with 1",
)
_EVERY = 10


def command(
    *,
    seeds: Annotated[int, typer.Option(min=1, help="How many histories.")] = 200,
    first: Annotated[int, typer.Option(min=0, help="The first one's seed.")] = 0,
    seed: Annotated[int | None, typer.Option(min=0, help="Only this one.")] = None,
    plant: Annotated[
        str,
        typer.Option(metavar="NAME", help="Plant a mistake in the production code, to check the checker."),
    ] = "",
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes. Default: one a processor.")] = None,
    as_json: Json = False,
) -> None:
    """Prove the road: production's functions on virtual time, with crashes, pauses, lost disks and late answers, by seed.

    After each history its laws are judged: every input took effect once, commands equal a replay of the log, tables rebuilt from the
    changelog equal it too, repeats are byte-equal, no timer is lost or early. A failing seed is cut down to a small history.
    Exit code 1 if a law is broken, or if some boundary never met some kind of crash.
    """
    from app.simulate.campaign import run_campaign
    from app.simulate.plants import PLANTS

    if plant and plant not in PLANTS:
        known = "; ".join(f"{name}: {words}" for name, (words, _) in PLANTS.items())
        raise CommandError(f"there is no mistake {plant!r} to plant. {known}")
    numbers = range(first, first + seeds) if seed is None else [seed]
    campaign = run_campaign(numbers, plant, jobs, lambda so_far: _progress(so_far, len(numbers)))
    lacking = campaign.never_struck if seed is None else []
    if as_json:
        out.document(_facts(campaign))
    else:
        _show(campaign)
    if campaign.failed:
        _show_smallest(campaign.failed[0].seed, plant)
    elif lacking:
        told = ", ".join(f"{kind} at {boundary}" for boundary, kind in lacking)
        tell(f"never met, so nothing was shown of it: {told}; run more seeds")
    if campaign.failed or lacking:
        raise typer.Exit(FINDING)


def _progress(campaign: Campaign, count: int) -> None:
    if campaign.seeds % _EVERY == 0 or campaign.seeds == count:
        end = "\n" if campaign.seeds == count or not sys.stderr.isatty() else "\r"
        words = f"oncall: {campaign.seeds} of {count} histories, {len(campaign.failed)} failed"
        print(words, end=end, file=sys.stderr, flush=True)


def _show(campaign: Campaign) -> None:
    from app.simulate.campaign import BOUNDARIES
    from app.simulate.process import KINDS

    rows = [(each, *(str(campaign.struck[each, kind]) for kind in KINDS)) for each in BOUNDARIES]
    out.table(("boundary", *(kind.replace("_", " ") for kind in KINDS)), rows)
    print(
        f"{campaign.seeds} histories, {campaign.median_signals:.0f} signals each at the median,"
        f" {campaign.repeats} repeats by intake; {len(campaign.failed)} failed"
    )
    for result in campaign.failed[:10]:
        print(f"seed {result.seed}: {result.breaches[0]}")


def _show_smallest(seed: int, plant: str) -> None:
    from app.simulate.campaign import smallest

    tell(f"cutting seed {seed} down to a small history that still fails ...")
    plan, result = smallest(seed, plant)
    for line in _history(plan, result):
        print(line, file=sys.stderr)
    again = f"oncall simulate --seed {seed}" + (f" --plant {plant}" if plant else "")
    tell(f"again: {again}")


def _history(plan: Plan, result: Result) -> list[str]:
    happens: list[tuple[float, str]] = [
        (each.at, f"{each.message.topic}: {(each.message.value or b'(null)')[:150].decode(errors='replace')}")
        for each in plan.inputs
    ]
    happens += [
        (each.at, f"worker {each.worker}: {each.kind} at {each.boundary}, for {each.lasts} s")
        for each in plan.faults
    ]
    clocks = ", ".join(f"{offset:+.0f} s" for offset in plan.clock_offsets)
    lines = [f"  workers' clocks are off by {clocks}; another library at {plan.publish_at:.1f} s"]
    lines += [f"  {at:7.2f} s  services move to other domains" for at in plan.moves_at]
    lines += [f"  {at:7.2f} s  {words}" for at, words in sorted(happens)]
    return [*lines, *(f"  → {breach}" for breach in result.breaches[:5])]


def _facts(campaign: Campaign) -> dict[str, Any]:
    return {
        "histories": campaign.seeds,
        "median_signals": campaign.median_signals,
        "repeats": campaign.repeats,
        "struck": [
            {"boundary": boundary, "kind": kind, "times": times}
            for (boundary, kind), times in sorted(campaign.struck.items())
        ],
        "never_struck": [{"boundary": boundary, "kind": kind} for boundary, kind in campaign.never_struck],
        "failed": [
            {
                "seed": result.seed,
                "breaches": [{"law": each.law, "words": each.words} for each in result.breaches],
            }
            for result in campaign.failed
        ],
    }
