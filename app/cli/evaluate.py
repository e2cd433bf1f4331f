"""`oncall evaluate`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import out
from app.cli.errors import CommandError, tell
from app.cli.options import Json, examples

if TYPE_CHECKING:
    from app.evaluate.campaign import Evaluation
    from app.evaluate.scenario import Scenario
    from app.evaluate.scores import Tally

NAME = "evaluate"
app = typer.Typer(
    name=NAME, help="Measure how good decisions are, where the truth is known.", no_args_is_help=True
)
_EVERY = 10
_COLUMNS: tuple[tuple[str, str, int], ...] = (
    ("precision", "precision", 3),
    ("recall", "recall", 3),
    ("F1", "f1", 3),
    ("wrong", "wrong", 1),
    ("per outage", "per_outage", 2),
    ("merged", "merged_share", 3),
    ("root", "root", 3),
    ("change 1st", "change_first", 3),
    ("top 3", "change_among", 3),
    ("told", "told", 2),
    ("noise", "noise", 1),
)
"""What is shown of a tally: the column's name, the score's, and its decimals."""


@app.command(
    "correlation",
    epilog=examples(
        "oncall evaluate correlation --seeds 200                       # every class of outage, beside two baselines",
        "oncall evaluate correlation --class cascade --seeds 50 --json",
        "oncall evaluate correlation --seeds 9 --write scenarios/      # one file each, to read or to change",
        "oncall evaluate correlation scenarios/*.jsonl",
    ),
)
def correlation(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE]...", help="Scenario files. Default: made from seeds."),
    ] = None,
    *,
    seeds: Annotated[int, typer.Option(min=1, help="How many scenarios to make.")] = 200,
    first: Annotated[int, typer.Option(min=0, help="The first one's seed.")] = 0,
    class_: Annotated[
        str, typer.Option("--class", metavar="NAME", help="Make only this class. Default: all take turns.")
    ] = "",
    write: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Write the scenarios, a file each, and measure nothing."),
    ] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes. Default: one a processor.")] = None,
    as_json: Json = False,
) -> None:
    """Measure correlation: scenarios with known truth, played through production's intake and engine on virtual time.

    Shown for each class and overall, beside groups of equal labels as Alertmanager makes them and windows of time, each in the
    setting that does best on this very input. What the numbers mean is in docs/correlation.md.
    """
    from app.evaluate.generator.classes import CLASSES
    from app.evaluate.scenario import ScenarioError

    if class_ and class_ not in CLASSES:
        raise CommandError(f"there is no class {class_!r}; one of: {', '.join(CLASSES)}")
    if files and (write or class_):
        raise CommandError("files are measured as they are: leave out --write and --class")
    numbers = range(first, first + seeds)
    if write is not None:
        _write(numbers, class_, write)
        return
    try:
        evaluation = _evaluate(files or [], numbers, class_, jobs)
    except ScenarioError as error:
        raise CommandError(str(error)) from error
    if words := str(evaluation.loose):
        tell(f"not everything counts: {words}")
    if as_json:
        out.document(_facts(evaluation))
    else:
        _show(evaluation)


def _evaluate(files: list[Path], numbers: range, class_: str, jobs: int | None) -> Evaluation:
    from app.evaluate.campaign import evaluate_scenarios, evaluate_seeds

    if not files:
        return evaluate_seeds(numbers, class_, jobs, lambda so_far: _progress(so_far, len(numbers)))
    scenarios = [scenario for path in files for scenario in _read(path)]
    return evaluate_scenarios(scenarios, jobs, lambda so_far: _progress(so_far, len(scenarios)))


def _read(path: Path) -> list[Scenario]:
    from app.evaluate.scenario import read

    try:
        return read(path.read_text(encoding="utf-8").splitlines(), str(path))
    except UnicodeDecodeError as error:
        raise CommandError(f"{path}: it is no UTF-8 text; scenario files are JSON lines") from error


def _write(numbers: range, class_: str, folder: Path) -> None:
    from app.evaluate.generator.make import make
    from app.evaluate.scenario import dump

    folder.mkdir(parents=True, exist_ok=True)
    for seed in numbers:
        scenario = make(seed, class_)
        lines = "".join(f"{line}\n" for line in dump(scenario))
        (folder / f"{scenario.head.name}.jsonl").write_text(lines, encoding="utf-8")
    tell(f"{len(numbers)} scenarios are in {folder}")


def _progress(evaluation: Evaluation, count: int) -> None:
    done = len(evaluation.judged)
    if done % _EVERY == 0 or done == count:
        end = "\n" if done == count or not sys.stderr.isatty() else "\r"
        print(f"oncall: {done} of {count} scenarios", end=end, file=sys.stderr, flush=True)


def _show(evaluation: Evaluation) -> None:
    from app.evaluate.campaign import ALL

    rows = [
        (class_ if way == evaluation.ways[0] else "", way, *_cells(evaluation.tally(way, class_)))
        for class_ in (*evaluation.classes, ALL)
        for way in evaluation.ways
    ]
    out.table(("class", "by", "outages", *(title for title, _, _ in _COLUMNS)), rows)
    print(
        f"{len(evaluation.judged)} scenarios. wrong: wrong pairs a scenario; merged: outages that share an incident with another, of those that"
        " had one beside them; told: notifications an outage; noise: incidents of noise alone, a scenario"
    )


def _cells(tally: Tally) -> list[str]:
    shares = [(getattr(tally, name), decimals) for _, name, decimals in _COLUMNS]
    return [str(tally.outages), *("-" if each is None else f"{each:.{places}f}" for each, places in shares)]


def _facts(evaluation: Evaluation) -> dict[str, Any]:
    from app.evaluate.campaign import ALL

    return {
        "scenarios": len(evaluation.judged),
        "ways": list(evaluation.ways),
        "classes": {
            class_: {way: _numbers(evaluation.tally(way, class_)) for way in evaluation.ways}
            for class_ in (*evaluation.classes, ALL)
        },
    }


def _numbers(tally: Tally) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "precision": tally.precision,
        "recall": tally.recall,
        "f1": tally.f1,
        "wrong_pairs_per_scenario": tally.wrong,
        "incidents_per_outage": tally.per_outage,
        "wrongly_merged": tally.merged_share,
        "root_top_1": tally.root,
        "change_top_1": tally.change_first,
        "change_top_3": tally.change_among,
        "notifications_per_outage": tally.told,
        "noise_incidents_per_scenario": tally.noise,
        "counts": asdict(tally),
    }
