"""Texts that the tests of the library share."""

ACTIONS = """
actions:
  kubernetes.describe:
    effect: read
    params:
      namespace: string
      pod: {type: string, required: true, description: The pod}
      tail: {type: integer, required: false}
  kubernetes.rollout_undo:
    effect: change
    params: {deployment: string}
"""
PEOPLE = """
teams:
  platform: {title: Platform, escalation: platform, chat: "#platform"}
people:
  alice: {name: Alice, contact_ref: pager/alice}
policies:
  platform:
    levels:
      - {targets: ["user:alice"], ack_timeout: 5m}
"""
MANIFESTS = {"actions.yaml": ACTIONS, "people.yaml": PEOPLE}

FULL = {
    "full.yaml": """
actions:
  kubernetes.node: {effect: read, params: {node: string}}
  kubernetes.cordon: {effect: idempotent, params: {node: string}}
  kubernetes.uncordon: {effect: idempotent, params: {node: string}}
  kubernetes.drain: {effect: change, params: {node: string, grace: {type: integer, required: false}}}
  kubernetes.cordon_all: {effect: idempotent, targets: nodes, params: {nodes: list}}
teams:
  platform: {members: [alice, bruno]}
  empty: {}
people:
  alice: {identities: ["slack:U1", "github:alice"]}
  bruno: {identities: ["slack:U2"]}
rules: {trusted: [slack]}
"""
}
"""Everything that steps may name, with people who may agree."""

DESIGN_PAGE = """---
id: kube-pod-crash-looping
title: Pod is crash looping
owner: platform
match:
  - alertname="KubePodCrashLooping"
  - severity=~"warning|critical"
escalation: platform
page: after 3m
---
## Meaning
A container in `${{ trigger.labels.namespace }}` restarts again and again; Kubernetes backs off longer each time.

## Diagnosis
Find out why the last container died.
```yaml step=last_state
action: kubernetes.describe
with:
  namespace: ${{ trigger.labels.namespace }}
  pod: ${{ trigger.labels.pod }}
timeout: 30s
retry: {attempts: 3, backoff: exponential, initial: 2s}
```

## Mitigation
If the service itself was deployed just before, the deploy is the likeliest cause: undo it.
```yaml step=undo_deploy
needs: [last_state]
if: incident.changes.exists(c, c.type == 'deploy' && c.service == trigger.labels.service)
action: kubernetes.rollout_undo
with: {deployment: "${{ trigger.labels.deployment }}"}
approval: {from: platform, timeout: 5m, otherwise: escalate}
```

## Verification
```yaml step=quiet
wait: {until: incident.firing == 0, for: 2m, timeout: 8m}
```

## Follow-up
- [ ] Raise the memory limit or fix the leak {owner=service due=5d}
"""


def step(*lines, id_="look", phase="Diagnosis", front=""):
    """A page of one step; its fence opens on line 2 where there is no front matter."""
    return f"{front}## {phase}\n```yaml step={id_}\n" + "".join(f"{line}\n" for line in lines) + "```\n"
