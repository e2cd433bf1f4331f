"""The parts of a step that are maps of their own: retry, wait, foreach, probe and rollback."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from app.core.bounds import ITEMS
from app.library.expressions import constant_of
from app.library.fields import Fields
from app.library.located import Located
from app.library.manifests import Manifests
from app.library.params import OUTPUT, Expressions, check_params
from app.library.problems import Findings, suggest
from app.model.catalog import Action
from app.model.expressions import Param
from app.model.runbook import DEFAULT_STEP_TIMEOUT, ForEach, Probe, Retry, Step, Wait
from app.model.words import Effect

MAX_ATTEMPTS = 20


def read_wait(located: Located | None, expressions: Expressions) -> Wait | None:
    """Read `wait`."""
    if located is None:
        return None
    findings = expressions.findings
    fields = Fields(located, findings, "a wait")
    until = expressions.expression(fields.located("until"))
    hold = fields.duration("for", timedelta())
    timeout = fields.duration("timeout", timedelta())
    if "until" not in fields:
        findings.error(located.place, "a wait needs until:", "say what to wait for, in CEL")
    if not timeout:
        findings.error(located.place, "a wait needs timeout:", "say how long to wait at most, such as 8m")
    elif hold >= timeout:
        findings.error(located.place, "for: is not shorter than timeout:", "the wait could never succeed")
    fields.finish()
    return Wait(until, hold, timeout) if until else None


def read_retry(located: Located | None, findings: Findings) -> Retry:
    """Read `retry`."""
    if located is None:
        return Retry()
    fields = Fields(located, findings, "retry")
    backoff = fields.text("backoff", "exponential")
    if backoff not in ("exponential", "constant"):
        mend = suggest(backoff, ["exponential", "constant"])
        findings.error(fields.place_of("backoff"), f"backoff: {backoff!r} is unknown", mend)
    default = Retry()
    retry = Retry(
        attempts=fields.whole("attempts", 1, least=1, most=MAX_ATTEMPTS),
        exponential=backoff == "exponential",
        initial=fields.duration("initial", default.initial),
        maximum=fields.duration("max", default.maximum),
    )
    fields.finish()
    return retry


def read_foreach(located: Located | None, expressions: Expressions) -> ForEach | None:
    """Read `foreach`: CEL alone, or a map with items and concurrency."""
    if located is None:
        return None
    if not isinstance(located.value, dict):
        return _foreach(located, 1, expressions)
    fields = Fields(located, expressions.findings, "foreach")
    concurrency = fields.whole("concurrency", 1, least=1, most=ITEMS)
    if "items" not in fields:
        mend = "say over what, in CEL that gives a list, such as steps.pods.output.names"
        expressions.findings.error(located.place, "foreach needs items:", mend)
    foreach = _foreach(fields.located("items"), concurrency, expressions)
    fields.finish()
    return foreach


def _foreach(located: Located | None, concurrency: int, expressions: Expressions) -> ForEach | None:
    if located is not None and isinstance(located.value, list):
        mend = "write the list in CEL, in quotes: \"['a', 'b']\""
        expressions.findings.error(located.place, "foreach is no CEL that gives a list", mend)
        return None
    items = expressions.expression(located)
    if located is None or items is None:
        return None
    always = constant_of(items)
    if isinstance(always, list) and not 0 < len(always) <= ITEMS:
        words = f"foreach goes over {len(always)} items; it takes 1 to {ITEMS}"
        expressions.findings.error(located.place, words, "shorten the list")
    elif always is not None and not isinstance(always, list):
        words = f"foreach gives {always!r}, which is no list"
        expressions.findings.error(located.place, words, "write CEL that gives one, such as ['a', 'b']")
    return ForEach(items, concurrency)


def read_probe(
    located: Located | None, of: Step, expressions: Expressions, manifests: Manifests
) -> Probe | None:
    """Read `probe`: a look at what became of the step."""
    if located is None:
        return None
    findings = expressions.findings
    fields = Fields(located, findings, "a probe")
    step = _inner("probe", of, fields, expressions, manifests)
    done = expressions.knowing(OUTPUT).expression(fields.located("done"))
    if "done" not in fields:
        mend = "say in CEL over output whether the change was carried out, such as output.revision == 7"
        findings.error(located.place, "a probe needs done:", mend)
    action = manifests.actions.get(step.action)
    if action and action.effect is not Effect.READ:
        words = f"a probe only looks, and {action.id} is {action.effect}"
        findings.error(fields.place_of("action"), words, "take an action whose effect is read")
    fields.finish()
    return Probe(step, done) if done else None


def read_rollback(
    located: Located | None, of: Step, expressions: Expressions, manifests: Manifests
) -> Step | None:
    """Read `rollback`: what takes the step back."""
    if located is None:
        return None
    fields = Fields(located, expressions.findings, "a rollback")
    step = _inner("rollback", of, fields, expressions, manifests)
    action = manifests.actions.get(step.action)
    if action and action.effect is Effect.READ:
        words = f"{action.id} only reads, so that it takes nothing back"
        expressions.findings.error(fields.place_of("action"), words)
    precondition, secrets = expressions.params(fields, "precondition"), fields.texts("secrets")
    fields.finish()
    return Step(
        step.id, step.phase, step.line, step.action, step.params, timeout=step.timeout, retry=step.retry,
        precondition=precondition, secrets=secrets,
    )  # fmt: skip


def read_action(
    fields: Fields, params: Mapping[str, Param], manifests: Manifests, field: str = "action"
) -> Action | None:
    """Give the action of the catalogue that a field names, and hold `with` to it; None where there is none."""
    name, place = fields.text(field), fields.place_of(field)
    action = manifests.actions.get(name)
    if action is None:
        known = sorted(manifests.actions)
        mend = suggest(name, known) if known else "list it under actions: in a manifest"
        fields.findings.error(place, f"action {name!r} is not in the catalogue", mend)
        return None
    check_params(name, params, action.parameters, fields, place)
    return action


def read_positive(fields: Fields, name: str, default: timedelta) -> timedelta:
    """Read a duration that is not zero."""
    read = fields.duration(name, default)
    if not read:
        fields.findings.error(fields.place_of(name), f"{name} is zero", "give it time, such as 30s")
        return default
    return read


def _inner(part: str, of: Step, fields: Fields, expressions: Expressions, manifests: Manifests) -> Step:
    """Read what probes and rollbacks have in common."""
    params = expressions.params(fields)
    if fields.text("action"):
        read_action(fields, params, manifests)
    else:
        fields.findings.error(fields.place, f"{fields.what} needs action:", "name one of the catalogue")
    return Step(
        id=f"{of.id}.{part}",
        phase=of.phase,
        line=of.line,
        action=fields.text("action"),
        params=params,
        timeout=read_positive(fields, "timeout", DEFAULT_STEP_TIMEOUT),
        retry=read_retry(fields.located("retry"), fields.findings),
    )
