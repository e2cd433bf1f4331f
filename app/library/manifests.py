"""The YAML beside the pages: teams, people, services, actions, policies and rules, merged over all files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.library.contacts import read_contact
from app.library.correlation import read_correlation
from app.library.desk import read_chat, read_ticket
from app.library.domains import read_domains
from app.library.event_rules import read_event_rule
from app.library.fields import Fields
from app.library.flapping import read_flapping
from app.library.guards import read_guards
from app.library.hours import read_hours
from app.library.inhibit import read_inhibit
from app.library.likely_secrets import check_secrets
from app.library.located import Located, Place, read_yaml
from app.library.names import check_id, check_order
from app.library.policies import read_policy
from app.library.presence import read_heartbeat, read_source
from app.library.problems import Findings, suggest
from app.library.zones import read_zone
from app.model.catalog import TYPES, Action, Guards, Parameter, Person, Rules, Service, Team
from app.model.correlation import CorrelationRules
from app.model.noise import Flapping, InhibitRule
from app.model.policy import EventRule, Policy
from app.model.presence import AlertSource, Heartbeat
from app.model.words import Effect, Mode, Severity


@dataclass
class Manifests:
    """All manifests together, with where each thing was said."""

    rules: Rules = field(default_factory=Rules)
    guards: Guards = field(default_factory=Guards)
    correlation: CorrelationRules = field(default_factory=CorrelationRules)
    maintenance_said: list[Fields] = field(default_factory=list)
    """The windows as they stand in their manifests: they are read when all files are."""
    schedules_said: dict[str, Fields] = field(default_factory=dict)
    absences_said: list[Fields] = field(default_factory=list)
    """These as well, for the same reason."""
    flapping: Flapping = field(default_factory=Flapping)
    inhibit: list[InhibitRule] = field(default_factory=list)
    teams: dict[str, Team] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    """As they are said: without what `domains:` says of them."""
    domains: dict[str, str] = field(default_factory=dict)
    """Service to the system that `domains:` puts it into."""
    actions: dict[str, Action] = field(default_factory=dict)
    policies: dict[str, Policy] = field(default_factory=dict)
    events: dict[str, EventRule] = field(default_factory=dict)
    heartbeats: dict[str, Heartbeat] = field(default_factory=dict)
    sources: dict[str, AlertSource] = field(default_factory=dict)
    places: dict[tuple[str, str], tuple[Findings, Place]] = field(default_factory=dict)
    """(section, id) to where it was said."""
    mode: Mode | None = None
    guards_said: Fields | None = None
    """The guards as they stand in their manifest."""


def read_manifests(files: Mapping[str, str], findings: Mapping[str, Findings]) -> Manifests:
    """Read all manifests among files (path to text), each with its findings, in the order of paths."""
    into = Manifests()
    for path in sorted(files):
        if path.endswith((".yaml", ".yml")):
            read_manifest(files[path], findings[path], into)
    return into


def read_manifest(text: str, findings: Findings, into: Manifests) -> None:
    """Read a manifest's sections into what other manifests said already."""
    located = read_yaml(text, findings)
    if located is None:
        return
    check_order(text, 1, findings)
    check_secrets(text, findings)
    fields = Fields(located, findings, "a manifest")
    _read_mode(fields, into)
    for section, take in _SAID_ONCE.items():
        said = fields.located(section)
        if said is not None and _once(section, "", said.place, findings, into):
            take(Fields(said, findings, section), into)
    read_domains(fields, findings, into)
    for each in fields.items("inhibit"):
        into.inhibit.append(read_inhibit(each, findings, len(into.inhibit)))
    into.maintenance_said += [
        Fields(each, findings, "a maintenance window") for each in fields.items("maintenance")
    ]
    into.absences_said += [Fields(each, findings, "an absence") for each in fields.items("absences")]
    places = fields.key_places("schedules")
    for name, value in fields.entries("schedules").items():
        if _once("schedules", name, places[name], findings, into):
            check_id(name, "the id of schedules", places[name], findings)
            into.schedules_said[name] = Fields(value, findings, f"schedules.{name}")
    for section, (read, target) in _sections(into).items():
        places = fields.key_places(section)
        for name, value in fields.entries(section).items():
            if _once(section, name, places[name], findings, into):
                check_id(name, f"the id of {section}", places[name], findings)
                inner = Fields(value, findings, f"{section}.{name}")
                target[name] = read(name, inner)
                inner.finish()
    fields.finish()


def _read_mode(fields: Fields, into: Manifests) -> None:
    if "mode" in fields:
        _once("mode", "", fields.place_of("mode"), fields.findings, into)
        into.mode = fields.word("mode", Mode)
    else:
        fields.located("mode")


def _read_rules(fields: Fields, into: Manifests) -> None:
    into.rules = _rules(fields)


def _read_guards(fields: Fields, into: Manifests) -> None:
    into.guards_said, into.guards = fields, read_guards(fields)


def _read_correlation(fields: Fields, into: Manifests) -> None:
    into.correlation = read_correlation(fields)


def _read_flapping(fields: Fields, into: Manifests) -> None:
    into.flapping = read_flapping(fields)


_SAID_ONCE: dict[str, Callable[[Fields, Manifests], None]] = {
    "rules": _read_rules,
    "guards": _read_guards,
    "correlation": _read_correlation,
    "flapping": _read_flapping,
}
"""Sections that one manifest says, and no other."""


def _sections(into: Manifests) -> dict[str, tuple[Callable[[str, Fields], Any], dict[str, Any]]]:
    return {
        "teams": (_team, into.teams),
        "people": (_person, into.people),
        "services": (_service, into.services),
        "actions": (_action, into.actions),
        "policies": (read_policy, into.policies),
        "events": (read_event_rule, into.events),
        "heartbeats": (read_heartbeat, into.heartbeats),
        "sources": (read_source, into.sources),
    }


def _once(section: str, name: str, place: Place, findings: Findings, into: Manifests) -> bool:
    """Note where a thing is said; a second time is a mistake."""
    before = into.places.get((section, name))
    if before is None:
        into.places[section, name] = (findings, place)
        return True
    where = f"{before[0].path}:{before[1][0]}"
    findings.error(place, f"{section} {name}".strip() + f" is said already at {where}", "keep one of them")
    return False


def _rules(fields: Fields) -> Rules:
    plain = Rules()
    severities = {}
    for word, located in fields.entries("severities").items():
        known = [severity.value for severity in Severity]
        if located.value in known:
            severities[word] = Severity(located.value)
        else:
            mend = suggest(str(located.value), known)
            fields.findings.error(located.place, f"severities.{word}: {located.value!r} is unknown", mend)
    rules = Rules(
        environment=fields.text("environment", plain.environment),
        environment_labels=fields.texts("environment_labels") or plain.environment_labels,
        service_labels=fields.texts("service_labels") or plain.service_labels,
        severity_label=fields.text("severity_label", plain.severity_label),
        severities=severities,
        group_by=fields.texts("group_by") or plain.group_by,
        team=fields.text("team"),
        escalation=fields.text("escalation"),
        reopen_window=fields.duration("reopen_window", plain.reopen_window),
        settle_after=fields.duration("settle_after", plain.settle_after),
        silent_after=fields.duration("silent_after", plain.silent_after),
        change_window=fields.duration("change_window", plain.change_window),
        page_error_after=fields.duration("page_error_after", plain.page_error_after),
        chat_window=fields.duration("chat_window", plain.chat_window),
        ticket_window=fields.duration("ticket_window", plain.ticket_window),
        remind_every=fields.duration("remind_every", plain.remind_every),
        trusted=fields.texts("trusted"),
        ack_stale_after=fields.duration("ack_stale_after", plain.ack_stale_after),
        zone=read_zone(fields),
        hours=read_hours(fields) or plain.hours,
        receipt_within=fields.duration("receipt_within", plain.receipt_within),
        low_urgency_waits=fields.flag("low_urgency_waits", default=plain.low_urgency_waits),
    )
    fields.finish()
    return rules


def _team(name: str, fields: Fields) -> Team:
    chat, apart = read_chat(fields)
    return Team(
        id=name,
        title=fields.text("title"),
        escalation=fields.text("escalation"),
        chat=chat,
        tickets=fields.text("tickets"),
        mode=fields.word("mode", Mode),
        members=fields.texts("members"),
        zone=read_zone(fields),
        apart=apart,
        ticket=read_ticket(fields),
        hours=read_hours(fields),
    )


def _person(name: str, fields: Fields) -> Person:
    identities = fields.texts("identities")
    for located in fields.items("identities"):
        provider, _, rest = str(located.plain()).partition(":")
        if not (provider and rest):
            fields.findings.error(
                located.place,
                f"{located.plain()!r} is no identity",
                "write provider:id, such as slack:U024BE7LH",
            )
    return Person(
        id=name,
        name=fields.text("name"),
        contact_ref=fields.text("contact_ref"),
        identities=identities,
        zone=read_zone(fields),
        hours=read_hours(fields),
        contact=read_contact(name, fields),
        quiet_hours=read_hours(fields, "quiet_hours"),
    )


def _service(name: str, fields: Fields) -> Service:
    chat, apart = read_chat(fields)
    return Service(
        id=name,
        title=fields.text("title"),
        team=fields.text("team"),
        system=fields.text("system"),
        match=fields.match(),
        depends_on=fields.texts("depends_on"),
        chat=chat,
        tickets=fields.text("tickets"),
        apart=apart,
        ticket=read_ticket(fields),
        escalation=fields.text("escalation"),
    )


def _action(name: str, fields: Fields) -> Action:
    effect = fields.word("effect", Effect)
    if "effect" not in fields:
        mend = "read, idempotent (may be repeated) or change (may not)"
        fields.findings.error(fields.place, f"action {name} does not say its effect", mend)
    parameters = [
        _parameter(each, value, fields.findings) for each, value in fields.entries("params").items()
    ]
    targets = fields.text("targets")
    lists = [each.name for each in parameters if each.type == "list"]
    if targets and targets not in lists:
        mend = suggest(targets, lists) if lists else "name a parameter of type list"
        fields.findings.error(fields.place_of("targets"), f"targets: {name} has no list {targets!r}", mend)
    return Action(name, effect or Effect.CHANGE, fields.text("description"), tuple(parameters), targets)


def _parameter(name: str, located: Located, findings: Findings) -> Parameter:
    if isinstance(located.value, str):
        fields = Fields(None, findings, name)
        kind, place = located.value, located.place
    else:
        fields = Fields(located, findings, f"parameter {name}")
        kind, place = fields.text("type", "string"), fields.place_of("type")
    if kind not in TYPES:
        findings.error(place, f"{kind!r} is no type", suggest(kind, list(TYPES)))
        kind = "string"
    parameter = Parameter(name, kind, fields.flag("required", default=True), fields.text("description"))
    fields.finish()
    return parameter
