"""A page and its test to begin with, for an alert that has none: both are whole, and a person goes on from there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from app.model.catalog import Action, Parameter
from app.model.library import Library
from app.model.words import Effect

FILLERS = {"integer": "1", "number": "1.0", "boolean": "true", "list": "[]", "map": "{}"}
"""What a parameter that no label fills is given."""
_NAME = re.compile(r"[A-Za-z0-9_.:-]{1,200}")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+[a-z]*")


def name_for(alert: str) -> str:
    """Give the page's id: `kube-pod-crash-looping` for `KubePodCrashLooping`; empty where a name cannot be made of it."""
    if not _NAME.fullmatch(alert):
        return ""
    return "-".join(word.lower() for word in _WORD.findall(alert))


def title_for(alert: str) -> str:
    """Give the page's title: `Kube pod crash looping`."""
    return name_for(alert).replace("-", " ").capitalize()


def page_for(alert: str, library: Library, owner: str = "") -> str:
    """Give the page's text."""
    return "\n".join([*_front(alert, owner or _owner(library)), *_body(_look(library))]) + "\n"


def test_for(alert: str, library: Library) -> str:
    """Give the test's text: its cases reach all of the page."""
    return "\n".join(_test(alert, _look(library))) + "\n"


def _front(alert: str, owner: str) -> Iterator[str]:
    yield from ("---", f"id: {name_for(alert)}", f"title: {title_for(alert)}")
    if owner:
        yield f"owner: {owner}"
    yield from ("match:", f"  - alertname={json.dumps(alert)}", "budget: 30m", "---")


def _body(look: Action | None) -> Iterator[str]:
    yield """\
## Meaning
`${{ trigger.labels.alertname }}` fires when: say what is so then, and what usually makes it so.

## Impact
Say what users notice, and what becomes of it if nobody does anything.

## Diagnosis
Say how to tell the causes from one another, with commands that can be pasted.
"""
    if look is not None:
        yield "```yaml step=look"
        yield f"action: {look.id}"
        if _needed(look):
            yield "with:"
        yield from (f"  {each.name}: {_filled(each)}" for each in _needed(look))
        yield from ("timeout: 30s", "retry: {attempts: 3, initial: 2s}", "```\n")
    yield """\
## Mitigation
Say what helps, the likeliest first, and when not to do it.

```yaml step=mend
manual: Say what a person is to do about ${{ trigger.labels.alertname }}.
timeout: 15m
# Once it is known what helps, let an executor do it instead of a person (`oncall runbook actions` lists what there is):
#   if: steps.look.output.KEY > 0
#   action: NAME
#   approval: {timeout: 10m, otherwise: escalate}
```

## Verification
```yaml step=quiet
wait: {until: incident.firing == 0, for: 2m, timeout: 10m}
```

## Follow-up
- [ ] Find out what made it possible {owner=service due=5d}"""


def _test(alert: str, look: Action | None) -> Iterator[str]:
    labels = {"alertname": alert, "severity": "warning"}
    labels |= {
        each.name: f"some-{each.name}" for each in (_needed(look) if look else ()) if each.type == "string"
    }
    sent, thrice = ("[look]", "[look x3]") if look else ("[]", "[]")
    given = ", ".join(f"{name}: {value}" for name, value in labels.items())
    yield f"""\
given:
  alert: {{{given}}}
cases:
  - name: a person mends it, and it must stay away for two minutes
    then:
      - 5m: somebody reports mend
      - 6m: resolved
      - 7m: fires
      - 7m30s: resolved
    expect:
      commands: {sent}
      steps: {{quiet: succeeded (held)}}
      outcome: succeeded
      incident: resolved
      pages: [step_needs_person]

  - name: the person cannot mend it
    then: [5m: somebody reports mend failed]
    expect: {{outcome: failed (step_failed), pages: [step_needs_person, step_failed]}}

  - name: nobody reports
    expect: {{outcome: failed (nobody_reported), pages: [step_needs_person, nobody_reported], within: 16m}}

  - name: it is not over though somebody did something
    then: [5m: somebody reports mend]
    expect: {{outcome: failed (verification_timeout), pages: [step_needs_person, verification_timeout]}}"""
    if look is not None:
        yield f"""
  - name: the look answers at the third try
    answers: {{look: [failed, silent, {{}}]}}
    then: [5m: somebody reports mend, 6m: resolved]
    expect: {{commands: {thrice}, outcome: succeeded}}

  - name: the look cannot be had
    answers: {{look: failed}}
    expect: {{commands: {thrice}, outcome: failed (step_failed), pages: [step_failed]}}

  - name: the look stays unanswered
    answers: {{look: silent}}
    expect: {{commands: {thrice}, outcome: failed (step_timed_out), pages: [step_timed_out]}}"""


def _look(library: Library) -> Action | None:
    """Give a read of the catalogue to begin with; one that labels can fill goes before others."""
    reads = [action for action in library.actions.values() if action.effect is Effect.READ]
    return min(reads, key=lambda each: any(p.type != "string" for p in _needed(each)), default=None)


def _needed(action: Action) -> list[Parameter]:
    return [each for each in action.parameters if each.required]


def _filled(parameter: Parameter) -> str:
    return FILLERS.get(parameter.type, f"${{{{ trigger.labels.{parameter.name} }}}}")


def _owner(library: Library) -> str:
    return library.rules.team or next(iter(library.teams), "")
