"""A small library for the measurement: its own, so that figures of different releases are of the same work."""

from __future__ import annotations

_MANIFEST = """
mode: auto
rules: {reopen_window: 90s, change_window: 5m, page_error_after: 20s, team: ops, escalation: ops}
teams:
  ops: {title: Ops, escalation: ops, chat: "#ops", tickets: OPS}
  new: {title: New, escalation: ops, mode: shadow}
people: {alice: {name: Alice, contact_ref: pager/alice}, bob: {name: Bob, contact_ref: pager/bob}}
policies:
  ops: {levels: [{targets: ["user:alice", "user:bob"], ack_timeout: 1m}]}
services:
  cart: {team: ops, system: shop}
  search: {team: ops, system: shop}
  pay: {team: ops}
  login: {team: ops}
  mail: {team: new}
  stock: {team: ops}
actions:
  look: {effect: read, params: {pod: string}}
  scale: {effect: idempotent, params: {pod: string}}
  undo: {effect: change, params: {pod: string}}
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
_CHECKLIST = "# Slow\nAsk the owner.\n"

ALERTS = ("Crash", "Errors", "Slow", "Unknown")

FILES = {"estate.yaml": _MANIFEST, "crash.md": _CRASH, "deploy.md": _DEPLOY, "Slow.md": _CHECKLIST}
"""The library's folder."""
