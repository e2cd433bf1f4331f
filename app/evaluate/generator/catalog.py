"""The manifest that operators of an estate would write: teams, people, and services with what the catalog knows of their needs."""

from __future__ import annotations

from random import Random

from app.evaluate.generator.estate import CARRIED, ENGINES, Estate, Thing

_FORGOTTEN = 0.05
"""The share of true dependencies that nobody wrote down."""
_STALE = 0.02
"""The share of services that bear a dependency which is no more."""
PORTS = {"db": 5432, "cache": 6379, "queue": 9092}


def make_manifest(random: Random, estate: Estate) -> str:
    """Write the manifest, as YAML. Whether it names the nodes that carry services is one custom for the whole estate."""
    knows_nodes, knows_sites = random.random() < 0.5, random.random() < 0.85
    lines = ["mode: auto", "rules:", "  team: operations", "  escalation: operations"]
    if estate.pages:
        lines.append("  severities: {page: critical, ticket: warning}")
    lines += _teams(sorted({each.area for each in estate.things.values()}))
    lines.append("services:")
    for thing in estate.things.values():
        known = _known_calls(random, estate, thing, knows_nodes=knows_nodes)
        lines.append(f"  {thing.id}:")
        lines.append(f"    team: {thing.area}")
        lines.append(f"    system: {estate.systems[thing.area]}")
        if known:
            lines.append(f"    depends_on: [{', '.join(known)}]")
        lines.append("    match: {any: [" + ", ".join(_matches(thing, knows_sites=knows_sites)) + "]}")
    return "\n".join(lines) + "\n"


def _teams(areas: list[str]) -> list[str]:
    names = ["operations", *areas]
    teams = [f'  {each}: {{escalation: {each}, chat: "#{each}", members: [{each}-oncall]}}' for each in names]
    people = [f"  {each}-oncall: {{name: {each} on call, contact_ref: pager/{each}}}" for each in names]
    policies = [
        f'  {each}: {{levels: [{{targets: ["user:{each}-oncall"], ack_timeout: 15m}}]}}' for each in names
    ]
    return ["teams:", *teams, "people:", *people, "policies:", *policies]


def _known_calls(random: Random, estate: Estate, thing: Thing, *, knows_nodes: bool) -> list[str]:
    known = [
        each
        for each in thing.calls
        if (knows_nodes or estate.things[each].kind != "nodes") and random.random() >= _FORGOTTEN
    ]
    others = [
        each.id for each in estate.of_kind("cache", "core") if each.area == thing.area and each.id != thing.id
    ]
    if thing.kind in CARRIED and others and random.random() < _STALE:
        known.append(random.choice(others))
    return list(dict.fromkeys(known))


def _matches(thing: Thing, *, knows_sites: bool) -> list[str]:
    if thing.kind == "nodes":
        names = f"{thing.id}-[0-9]+"
        return [f"""['node=~"{names}"', 'job="node-exporter"']"""]
    if thing.kind in ENGINES:
        return [f"""['instance=~"{thing.id}-[0-9]+:{PORTS[thing.kind]}"']"""]
    found = [f"""['namespace="{thing.area}"', 'pod=~"{thing.id}-[0-9a-f]{{8}}-[0-9a-f]{{5}}"']"""]
    if thing.kind == "edge" and knows_sites:
        found.append(f"""['instance="https://{thing.id}.example.com/"']""")
    return found
