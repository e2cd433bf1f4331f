"""A small estate for simulations: pages with every kind of step and wait, and short times."""

from __future__ import annotations

from functools import lru_cache

from app.library.topic import as_published
from app.model.library import Library

SERVICES = ("cart", "search", "pay", "login", "mail", "stock")

_MANIFEST = """
mode: auto
rules: {reopen_window: 90s, settle_after: 2s, change_window: 5m, page_error_after: 20s, team: ops, escalation: ops, trusted: [pager], ack_stale_after: 70s, receipt_within: 4s, timezone: UTC}
teams:
  ops: {title: Ops, escalation: ops, chat: "#ops", tickets: OPS, members: [alice, bob], business_hours: ["00:01-00:03", "00:04-00:20"]}
  new: {title: New, escalation: ops, mode: shadow}
people:
  alice: {name: Alice, contact_ref: pager/alice, identities: ["pager:alice"], contact: [{channel: push}, {channel: call, after: 12s}, {channel: sms, after: 20s, urgency: high}]}
  bob: {name: Bob, contact_ref: pager/bob, quiet_hours: "00:01-00:02", identities: ["pager:bob", "pager:robert"]}
policies:
  ops:
    repeat: 1
    exhausted: last
    levels:
      - {name: first, targets: ["user:alice", "channel:#ops"], ack_timeout: 25s}
      - {jump: first, if: incident.severity == 'critical' && business_hours}
      - {targets: ["team:ops"], delay: 3s, round_robin: true, ack_timeout: 30s}
  last: {levels: [{targets: ["user:alice", "user:bob"], ack_timeout: 1m}]}
  patient: {levels: [{targets: ["user:bob"], delay: 5s, ack_timeout: 15s}, {targets: ["policy:ops"], ack_timeout: 15s}]}
events:
  failover:
    match: ['type="failover"']
    policy: patient
    unless: {match: ['type="failover.ended"'], within: 10s, equal: [service]}
services:
  cart: {team: ops, system: shop, escalation: patient}
  search: {team: ops, system: shop, depends_on: [cart]}
  pay: {team: ops}
  login: {team: ops}
  mail: {team: new}
  stock: {team: ops}
actions:
  look: {effect: read, params: {pod: string}}
  scale: {effect: idempotent, params: {pod: string}}
  undo: {effect: change, params: {pod: string}}
  drain: {effect: change, params: {nodes: {type: list}}, targets: nodes}
"""
_GUARDS = """
guards:
  executions: {service: 1, team: 2, overall: 3}
  commands: {scale: {service: 1}, "*": {overall: 4}}
  blast_radius: {drain: {per_command: 2, per_hour: 25}}
  breaker: {failures: 3, window: 90s}
  quiet_after_deploy: {for: 5s, except: [undo]}
  runs_to_auto: 0
"""
_NOISE = """
flapping: {changes: 4, within: 60s, calm: 20s}
inhibit:
  - name: full
    source_matchers: ['alertname="Full"']
    target_matchers: ['alertname=~"Slow|Errors"']
    equal: [service]
maintenance:
  - {name: move, start: 2026-01-01T00:01:00Z, duration: 40s, services: [search, login]}
  - {name: often, start: 2026-01-01T00:00:00Z, rrule: "FREQ=DAILY;BYHOUR=0;BYMINUTE=0,2,4", duration: 15s, matchers: ['pod=~".*-3"']}
"""
_PRESENCE = """
sources:
  slow: {match: 'alertname="Slow"', resolves: after 40s}
  unknown: {match: 'alertname="Unknown"', resolves: manual}
heartbeats:
  watchdog: {match: 'alertname="Watchdog"', every: 20s, grace: 15s, service: login}
"""
_CRASH = """---
id: crash
match: ['alertname="Crash"']
budget: 2m
---
## Diagnosis
```yaml step=look
action: look
with: {pod: "${{ trigger.labels.pod }}"}
timeout: 8s
retry: {attempts: 3, initial: 2s}
```
```yaml step=look_again
needs: [look]
action: look
with: {pod: "${{ trigger.labels.pod }}"}
timeout: 8s
```
## Mitigation
```yaml step=scale
action: scale
with: {pod: "${{ trigger.labels.pod }}"}
timeout: 10s
retry: {attempts: 2, initial: 1s}
```
## Verification
```yaml step=quiet
wait: {until: incident.firing == 0, for: 5s, timeout: 40s}
```
"""
_DEPLOY = """---
id: deploy
match: ['alertname="Errors"']
page: after 15s
budget: 90s
---
## Mitigation
```yaml step=undo
if: incident.changes.exists(c, c.type == 'deploy')
action: undo
with: {pod: "${{ trigger.labels.pod }}"}
timeout: 10s
```
```yaml step=scale
action: scale
with: {pod: "${{ trigger.labels.pod }}"}
timeout: 10s
```
## Verification
```yaml step=quiet
wait: {until: incident.firing == 0, timeout: 30s}
```
"""
_FULL = """---
id: full
match: ['alertname="Full"']
mode: approve
budget: 3m
outputs: {drained: steps.drain.status}
---
## Diagnosis
```yaml step=look
action: look
with: {pod: "${{ trigger.labels.pod }}"}
timeout: 8s
continue-on-error: true
outputs: {n: output.n}
```
## Mitigation
```yaml step=drain
foreach: {items: "['x', 'y', 'z']", concurrency: 2}
action: drain
with: {nodes: ["${{ item }}", "${{ trigger.labels.pod }}"]}
timeout: 10s
approval: {from: [ops, "user:bob"], timeout: 15s, otherwise: skip}
precondition: {pod: "${{ trigger.labels.pod }}"}
probe: {action: look, with: {pod: "${{ item }}"}, timeout: 6s, retry: {attempts: 2, initial: 1s}, done: output.n > 3}
rollback: {action: scale, with: {pod: "${{ item }}"}, timeout: 8s}
```
```yaml step=walk
needs: [drain]
manual: Walk over to ${{ trigger.labels.pod }}.
timeout: 20s
continue-on-error: true
```
```yaml step=grow
needs: [walk]
uses: grow
with: {pod: "${{ trigger.labels.pod }}"}
```
## Verification
```yaml step=quiet
wait: {until: incident.firing == 0, timeout: 30s}
```
## Follow-up
```yaml step=say
on-failure: true
action: look
with: {pod: "${{ trigger.labels.pod }}"}
timeout: 5s
```
"""
_GROW = """---
id: grow
inputs: {pod: string, by: {type: integer, default: 1}}
outputs: {n: steps.scale.outputs.n}
---
## Mitigation
```yaml step=scale
action: scale
with: {pod: "${{ inputs.pod }}"}
timeout: 8s
retry: {attempts: 2, initial: 1s}
outputs: {n: output.n + inputs.by}
rollback: {action: scale, with: {pod: "${{ inputs.pod }}"}, timeout: 6s}
```
"""
_CHECKLIST = "# Slow\nAsk the owner.\n"

ALERTS = ("Crash", "Errors", "Full", "Slow", "Unknown")

FILES = {
    "estate.yaml": _MANIFEST,
    "guards.yaml": _GUARDS,
    "noise.yaml": _NOISE,
    "presence.yaml": _PRESENCE,
    "crash.md": _CRASH,
    "deploy.md": _DEPLOY,
    "full.md": _FULL,
    "grow.md": _GROW,
    "Slow.md": _CHECKLIST,
}
"""The library's folder."""


MOVES = ("search-alone", "all-back")
"""Changes of the catalog by which services move to other correlation domains, in their order."""
NEWER = "newer"
"""A change of everything else."""


@lru_cache
def libraries(order: tuple[str, ...]) -> tuple[Library, ...]:
    """Give the library that a simulation begins with, and those that are published in its midst by changes, in that order."""
    files = dict(FILES)
    made = [as_published(files, None)]
    for change in order:
        files |= (
            _newer() if change == NEWER else {"estate.yaml": _moved() if change == MOVES[0] else _MANIFEST}
        )
        made.append(as_published(files, made[-1]))
    return tuple(made)


def _newer() -> dict[str, str]:
    return {
        "crash.md": _CRASH.replace("attempts: 3", "attempts: 2").replace("for: 5s", "for: 3s"),
        "guards.yaml": _GUARDS.replace("runs_to_auto: 0", "runs_to_auto: 1"),
        "noise.yaml": _NOISE.replace("Slow|Errors", "Crash").replace(
            "services: [search, login]", "services: [pay]"
        ),
        "estate.yaml": _MANIFEST.replace("ack_timeout: 8s", "ack_timeout: 5s").replace(
            "delay: 3s", "delay: 1s"
        ),
        "presence.yaml": _PRESENCE.replace("every: 20s", "every: 30s").replace("after 40s", "after 25s"),
    }


def _moved() -> str:
    """Give the catalog in which one service left the others, one came to them, and two that were alone are together."""
    return (
        _MANIFEST.replace("search: {team: ops, system: shop,", "search: {team: ops, system: find,")
        .replace("pay: {team: ops}", "pay: {team: ops, system: shop}")
        .replace("login: {team: ops}", "login: {team: ops, system: stock}")
    )
