"""A small library whose page uses every kind of step, and cases of it from text."""

from __future__ import annotations

from app.library.compile import compile_library
from app.library.problems import Findings
from app.model.library import Library
from app.rehearse.cases import Case
from app.rehearse.play import Played, play
from app.rehearse.reading import read_cases

MANIFEST = """\
mode: shadow
rules: {team: shop, escalation: shop}
teams:
  shop: {title: Shop, escalation: shop, members: [alice, bruno], mode: shadow}
  data: {title: Data, escalation: shop, members: [chidi]}
people: {alice: {name: Alice}, bruno: {name: Bruno}, chidi: {name: Chidi}}
policies: {shop: {levels: [{targets: ["user:alice"]}]}}
services: {cart: {team: shop, system: shop}}
actions:
  k.look: {effect: read, params: {what: {type: string, required: false}}}
  k.scale: {effect: idempotent, params: {replicas: integer}}
  k.restart: {effect: change, params: {pod: string}}
  k.drain: {effect: change, targets: nodes, params: {nodes: list}}
guards:
  blast_radius: {k.drain: {per_command: 2}}
"""
CLOSER = """\
---
id: look-closer
owner: shop
inputs: {depth: integer}
outputs: {worst: steps.dig.outputs.worst}
---
## Diagnosis
```yaml step=dig
action: k.look
with: {what: "${{ string(inputs.depth) }}"}
timeout: 30s
outputs: {worst: output.worst}
```
"""
RICH = """\
---
id: rich
owner: shop
match: [alertname="Rich"]
budget: 40m
---
## Diagnosis
```yaml step=pods
action: k.look
with: {what: pods}
timeout: 30s
retry: {attempts: 2, initial: 2s}
outputs: {bad: output.bad}
```
```yaml step=closer
needs: [pods]
uses: look-closer
with: {depth: 2}
```
## Mitigation
```yaml step=scale
needs: [closer]
if: steps.closer.outputs.worst == 'load'
action: k.scale
with: {replicas: 6}
timeout: 1m
rollback: {action: k.scale, with: {replicas: 3}, timeout: 1m}
approval: {from: [shop], timeout: 5m, otherwise: skip}
```
```yaml step=restart
needs: [scale]
if: steps.scale.status == 'skipped'
foreach: {items: steps.pods.outputs.bad, concurrency: 1}
action: k.restart
with: {pod: "${{ item }}"}
timeout: 1m
precondition: {phase: Running}
probe: {action: k.look, timeout: 30s, done: output.restarted == true}
```
```yaml step=tell
needs: [restart]
if: steps.restart.status in ['succeeded', 'skipped']
manual: Tell the shop.
timeout: 10m
```
```yaml step=call
on-failure: true
action: k.look
timeout: 30s
```
## Verification
```yaml step=quiet
wait: {until: incident.firing == 0, for: 1m, timeout: 8m}
```
"""
DRAIN = """\
---
id: drain
owner: data
match: [alertname="Drain"]
---
## Mitigation
```yaml step=drain
action: k.drain
with: {nodes: [n1, n2, n3]}
timeout: 1m
```
"""
LOOK = """\
---
id: only-look
owner: shop
---
## Diagnosis
```yaml step=look
action: k.look
timeout: 30s
```
"""
FILES = {
    "all.yaml": MANIFEST, "closer.md": CLOSER, "rich.md": RICH, "drain.md": DRAIN, "only-look.md": LOOK,
    "list.md": "# A checklist\n\n## Meaning\nSomething.\n",
}  # fmt: skip
LIBRARY = compile_library(FILES)
GIVEN = """\
given:
  alert: {alertname: Rich, severity: warning, service: cart}
answers:
  pods: {bad: [cart-1, cart-2]}
  closer/dig: {worst: load}
cases:
"""


def read(text: str, path: str = "rich.test.yaml", library: Library = LIBRARY) -> tuple[list[Case], list[str]]:
    findings = Findings(path)
    cases = read_cases(path, text, library, findings)
    return cases, [str(problem) for problem in sorted(findings.problems)]


def case(text: str, path: str = "rich.test.yaml", given: str = GIVEN) -> Case:
    cases, problems = read(given + "  - " + text.replace("\n", "\n    "), path)
    assert problems == []
    (one,) = cases
    return one


def played(text: str, path: str = "rich.test.yaml", given: str = GIVEN) -> Played:
    return play(case(text, path, given), LIBRARY)


def told(found: Played) -> list[tuple[str, str, str]]:
    return [(each.what, each.expected, each.got) for each in found.differences]
