"""Looks at what became of a change that did not answer."""

from __future__ import annotations

from app.core.attempts import end_step
from app.core.bounds import TEXT_CHARS, cut
from app.core.context import context_of
from app.core.draft import Draft
from app.core.executions import At
from app.core.gates import go
from app.model.execution import StepRun
from app.model.expressions import Context, ExpressionError
from app.model.runbook import Probe
from app.model.words import StepStatus


def look(draft: Draft, at: At) -> bool:
    """Begin the probes that are called for, and settle steps whose probe has answered; say whether anything moved."""
    runs = {run.step: run for run in at.execution(draft).steps}
    for run in runs.values():
        if run.status is not StepStatus.UNKNOWN or "." in run.step or at.step(draft, run.step).probe is None:
            continue
        probe = runs.get(f"{run.step}.probe")
        may_begin = not at.execution(draft).is_paused and not _is_foreach(draft, at, run)
        if may_begin and (probe is None or (probe.status is StepStatus.PENDING and not probe.gate)):
            _begin(draft, at, run, probe)
            return True
        if probe is not None and probe.status is StepStatus.SUCCEEDED and run.reason != "probe_undecided":
            _settle(draft, at, run, probe)
            return True
    return False


def is_over(draft: Draft, at: At, run: StepRun) -> bool:
    """Whether a step is over for good: also, where it became unknown, the look at what became of it."""
    if run.status is not StepStatus.UNKNOWN or "." in run.step or at.step(draft, run.step).probe is None:
        return run.status.is_final
    if _is_foreach(draft, at, run):
        return True  # its items are probed, each for itself
    probe = next((each for each in at.execution(draft).steps if each.step == f"{run.step}.probe"), None)
    return probe is not None and probe.status.is_final


def _is_foreach(draft: Draft, at: At, run: StepRun) -> bool:
    return at.step(draft, run.step).foreach is not None and "[" not in run.step


def _begin(draft: Draft, at: At, run: StepRun, probe: StepRun | None) -> None:
    if probe is None:
        at.add_steps(draft, run.step, StepRun(step=f"{run.step}.probe", phase=run.phase))
    go(draft, at, f"{run.step}.probe")


def _settle(draft: Draft, at: At, run: StepRun, probe: StepRun) -> None:
    found = at.step(draft, run.step).probe
    if found is None:
        return
    names = context_of(at.incident(draft), at.execution(draft), run, probe.output)
    try:
        done = _is_done(found, names)
    except ExpressionError as error:
        at.update_step(draft, run.step, reason="probe_undecided", detail=cut(f"probe: {error}", TEXT_CHARS))
        draft.record(
            at.incident_id,
            "ProbeUndecided",
            "expression_error",
            f"{run.step}: {error}",
            data={"step": run.step},
        )
        return
    status = StepStatus.SUCCEEDED if done else StepStatus.FAILED
    words = f"the probe says that it was {'carried out' if done else 'not carried out'}"
    end_step(draft, at, run.step, status, "probed" if done else "probed_not_done", words)


def _is_done(probe: Probe, names: Context) -> bool:
    done = probe.done.evaluate(names)
    if isinstance(done, bool):
        return done
    msg = f"done gives {done!r}, neither true nor false"
    raise ExpressionError(msg)
