"""What a picture says of a step, in few words."""

from __future__ import annotations

from collections.abc import Mapping

from app.model.catalog import Action
from app.model.runbook import Step
from app.model.words import Effect, Phase

TITLES = {
    Phase.DIAGNOSIS: "Diagnosis",
    Phase.MITIGATION: "Mitigation",
    Phase.VERIFICATION: "Verification",
    Phase.FOLLOW_UP: "Follow-up",
}


def what_of(step: Step) -> str:
    """Say what the step does: its action, what it waits for, or the page that it uses."""
    if step.wait is not None:
        return f"wait until {step.wait.until.source}"
    if step.manual is not None:
        return "by hand: " + " ".join(step.manual.source.split())
    return f"page {step.uses}" if step.uses else step.action


def marks_of(step: Step) -> list[str]:
    """Name what people must agree to, and what is there for when things go wrong."""
    approval, marks = step.approval, []
    if approval is not None:
        whom = ", ".join(approval.sources) or "owner"
        marks.append(f"approval: {approval.count} of {whom}" if approval.count > 1 else f"approval: {whom}")
    if step.rollback is not None:
        marks.append(f"rollback: {step.rollback.action}")
    if step.probe is not None:
        marks.append(f"probe: {step.probe.step.action}")
    return marks + (["only on failure"] if step.on_failure else [])


def notes_of(step: Step) -> list[str]:
    """Name how it is carried out, where that is not once and for good."""
    notes = []
    if step.foreach is not None:
        notes.append(f"for each, {step.foreach.concurrency} at once")
    if step.retry.attempts > 1:
        notes.append(f"{step.retry.attempts} attempts")
    words = (("goes on if it fails", step.continue_on_error), ("dry run", step.dry_run))
    return notes + [word for word, holds in words if holds]


def kind_of(step: Step, actions: Mapping[str, Action]) -> str:
    """Give what kind of step it is: read, idempotent, change, wait, manual or uses."""
    if step.wait is not None:
        return "wait"
    if step.manual is not None:
        return "manual"
    if step.uses:
        return "uses"
    known = actions.get(step.action)
    return (known.effect if known else Effect.CHANGE).value


def short(text: str, most: int) -> str:
    """Cut a text to so many characters."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
