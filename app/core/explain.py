"""What would come of an alert, and why: a dry run of the engine itself on a domain in which nothing has happened."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import Field

from app.core.correlation import correlate
from app.core.decide import Decision, decide_batch
from app.core.domains import Placement, place_alert
from app.core.escalation import ways
from app.core.escalation.conditions import holder
from app.core.escalation.hours import may_page_at
from app.core.escalation.targets import Aim, Resolver
from app.core.identity import alert_identity, fingerprint
from app.core.membership import view_of
from app.core.paging import WHY, PagePlan, plan_page, policy_for
from app.core.record import empty
from app.core.selection import select
from app.core.sources import source_of
from app.core.together import Together
from app.model.base import Frozen, Instant
from app.model.commands import AnyCommand, EscalationCommand, StepCommand
from app.model.durations import in_units
from app.model.execution import StepRun
from app.model.incident import Incident
from app.model.inputs import Alert, AlertSignal
from app.model.library import Library
from app.model.outputs import Output
from app.model.presence import Resolves
from app.model.runbook import Runbook, Step
from app.model.signals import Signal, SignalBatch
from app.model.topics import topic_of
from app.model.words import Mode, PageWhen, Severity, Urgency


class Target(Frozen):
    """Somebody who would be paged."""

    target: str
    """As the policy names it: `user:alice`, `schedule:platform`, `channel:#ops`."""
    person: str = ""
    """The person's name, where the library knows it."""
    contact_ref: str = ""
    """The reference that the pager resolves, of the first way to the person."""
    channels: str = ""
    """The ways to the person, in words; empty: as the pager thinks best."""
    absent: str = ""
    """Why nobody is paged by it, in words; empty: it can be paged."""
    waits_until: Instant | None = None
    """Until when a page of low urgency waits: for business hours, or the end of quiet hours."""


class Paging(Frozen):
    """Who would be paged, when and why."""

    when: PageWhen
    """At once, after a while unless it is over by then, or only if the runbook fails."""
    after_seconds: float = 0
    """How long after the opening, where `when` is `after`."""
    reason: str
    """Why then, by name."""
    words: str
    """Why then, in words."""
    policy: str = ""
    """The escalation policy; empty where none applies, so that nobody can be paged."""
    targets: list[Target] = Field(default_factory=list)
    """Whom its first level that applies names."""
    ack_timeout_seconds: float = 0
    """How long they have to acknowledge."""


class StepPlan(Frozen):
    """A step of the runbook."""

    step: str
    phase: str
    action: str
    """The action, or `wait`, `manual`, `uses RUNBOOK`."""
    condition: str = ""
    """Its `if`; empty where it always runs."""


class FirstWait(Frozen):
    """A step that would wait for something before its command goes out."""

    step: str
    what: str
    """What it would do."""
    waits_for: str
    """`permit` (the leave of the domain `control`), `approval`, `person` (it is a person's to do) or `quiet`."""
    reason: str
    """Why, by name."""


class FirstCommand(Frozen):
    """A command that would be sent as soon as the alert is decided."""

    topic: str
    op: str
    about: str
    """The step and its action, the target, or the title."""


class Explanation(Frozen):
    """What would come of an alert, and why."""

    alert: str
    fingerprint: str
    library: str
    """The hash of the library it was decided with."""
    domain: str
    domain_reason: str
    service: str
    environment: str
    severity: Severity
    verdict: str
    """What the alert would do in a quiet domain: `open` an incident, be `ignore`d, or be muted and on `hold`."""
    verdict_reason: str
    ends: str = ""
    """When the alert counts as over, in words; empty: when its source says so."""
    muted_until: Instant | None = None
    """When the maintenance ends that mutes it."""
    inhibited_by: list[str] = Field(default_factory=list)
    """The inhibit rules that would mute it while one of their sources fires in its domain."""
    incident: str = ""
    """The title of the incident it would open."""
    team: str = ""
    mode: Mode | None = None
    """The mode of the incident's pages, tickets, chat and documents."""
    execution_mode: Mode | None = None
    """The mode of the runbook's steps; null where no runbook would run."""
    runbook: str = ""
    runbook_path: str = ""
    runbook_reason: str = ""
    candidates: list[str] = Field(default_factory=list)
    """All runbooks that came into question, best first; of a tie those that are tied."""
    steps: list[StepPlan] = Field(default_factory=list)
    paging: Paging | None = None
    commands: list[FirstCommand] = Field(default_factory=list)
    """What would be sent at once, in order."""
    waits: list[FirstWait] = Field(default_factory=list)
    """What would begin at once and wait for something first."""
    unserved: str = ""
    """What of it no connector announced that it carries out, in words; empty where all is, or nobody asked."""
    together: Together | None = None
    """Of several alerts: where it would go with those that began before it; null where it would change nothing. All else is of the alert alone."""


def explain(alert: Alert, library: Library, at: datetime, mode: Mode | None = None) -> Explanation:
    """Say what would come of the alert at that moment, with workers limited to `mode`."""
    known = (
        alert if alert.fingerprint else alert.model_copy(update={"fingerprint": fingerprint(alert.labels)})
    )
    place = place_alert(known, library)
    signal = AlertSignal(
        alert=known, severity=place.severity, service=place.service, environment=place.environment
    )
    why = correlate(signal, mode or Mode.AUTO, (), library, at)  # where nothing is open, the mode has no say
    common = Explanation(
        alert=known.name,
        fingerprint=known.fingerprint,
        library=library.hash,
        domain=place.domain,
        domain_reason=place.reason,
        service=place.service,
        environment=place.environment,
        severity=place.severity,
        verdict="ignore" if place.reason == "heartbeat" else why.verdict,
        verdict_reason="heartbeat" if place.reason == "heartbeat" else why.reason,
        ends=_ends(known, library),
        inhibited_by=[rule.name for rule in library.inhibit if rule.is_target(known.labels)],
    )
    decision = _dry_run(place, signal, library, at, mode)
    held = decision.record.quiet.held.get(known.fingerprint)
    if held is not None:
        muted = {"verdict": "hold", "verdict_reason": held.by, "muted_until": held.until}
        return common.model_copy(update=muted)
    incident = next(iter(decision.record.incidents.values()), None)
    return common if incident is None else _opened(common, incident, signal, decision.outputs, library)


def _ends(alert: Alert, library: Library) -> str:
    source = source_of(alert, library)
    if source is None or source.resolves is Resolves.ALERT:
        return ""
    name = f"sources.{source.name}"
    if source.resolves is Resolves.MANUAL:
        return f"when a person resolves its incident ({name})"
    return f"{in_units(source.after)} after it was repeated last ({name})"


def _dry_run(
    place: Placement, signal: AlertSignal, library: Library, at: datetime, mode: Mode | None
) -> Decision:
    batch = SignalBatch(
        domain=place.domain,
        library=library.hash,
        mode=mode,
        signals=[Signal(identity=alert_identity(signal.alert), body=signal)],
    )
    return decide_batch(empty(place.domain), batch, 0, at, {library.hash: library})


def _opened(
    common: Explanation,
    incident: Incident,
    signal: AlertSignal,
    outputs: tuple[Output, ...],
    library: Library,
) -> Explanation:
    selection = select(view_of(signal), library)
    runbook = selection.runbook
    plan = plan_page(incident.severity, runbook, selection.reason, library.rules)
    return common.model_copy(
        update={
            "incident": incident.title,
            "team": incident.team,
            "mode": incident.mode,
            "execution_mode": incident.executions[0].mode if incident.executions else None,
            "runbook": runbook.id if runbook else "",
            "runbook_path": runbook.path if runbook else "",
            "runbook_reason": selection.reason,
            "candidates": list(selection.candidates),
            "steps": _steps(runbook),
            "paging": _paging(incident, runbook, plan, library),
            "waits": [_wait(run, runbook_of, library) for run, runbook_of in _gated(incident)],
            "commands": [_first(output) for output in outputs if isinstance(output, AnyCommand)],
        }
    )


def _steps(runbook: Runbook | None) -> list[StepPlan]:
    return [
        StepPlan(
            step=step.id,
            phase=step.phase.value,
            action=_kind(step),
            condition=step.condition.source if step.condition else "",
        )
        for step in (runbook.steps if runbook else ())
    ]


def _kind(step: Step) -> str:
    if step.uses:
        return f"uses {step.uses}"
    return step.action or ("wait" if step.wait else "manual")


def _gated(incident: Incident) -> list[tuple[StepRun, str]]:
    return [(run, each.runbook_id) for each in incident.executions for run in each.steps if run.gate]


def _wait(run: StepRun, runbook_id: str, library: Library) -> FirstWait:
    what = run.detail or _kind(library.runbooks[runbook_id].step(run.step))
    return FirstWait(step=run.step, what=what, waits_for=run.gate.value, reason=run.reason)


def _paging(incident: Incident, runbook: Runbook | None, plan: PagePlan, library: Library) -> Paging:
    policy = policy_for(incident.service, incident.team, runbook, library)
    at = incident.opened_at
    holds = holder(incident, library, at, {})
    levels = [each for each in (policy.levels if policy else ()) if each.targets and holds(each)]
    level = levels[0] if levels else None
    aims = Resolver(library, library, at, holds).resolve(level.targets) if level else []
    words = "only if the runbook does not settle it" if plan.when is PageWhen.ON_FAILURE else WHY[plan.reason]
    return Paging(
        when=plan.when,
        after_seconds=plan.after.total_seconds(),
        reason="on_failure" if plan.when is PageWhen.ON_FAILURE else plan.reason,
        words=words,
        policy=policy.id if policy else "",
        targets=[_target(each, incident, library) for each in aims],
        ack_timeout_seconds=(level.ack_timeout if level else timedelta()).total_seconds(),
    )


def _target(aim: Aim, incident: Incident, library: Library) -> Target:
    person, urgency = aim.person, incident.urgency
    is_low = urgency is Urgency.LOW and not aim.absent
    opens = may_page_at(aim, incident.team, library, incident.opened_at) if is_low else None
    return Target(
        target=aim.target,
        person=person.name if person else "",
        contact_ref=ways.ways_of(person, urgency)[0].ref,
        channels=ways.in_words(person, urgency) if person else "",
        absent=aim.absent,
        waits_until=opens if opens is not None and opens > incident.opened_at else None,
    )


def _first(command: AnyCommand) -> FirstCommand:
    about = command.title
    if isinstance(command, StepCommand):
        about = f"{command.step}: {command.action}"
    elif isinstance(command, EscalationCommand):
        about = command.target
    return FirstCommand(topic=topic_of(command), op=command.op, about=about)
