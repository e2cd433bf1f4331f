"""Where an input belongs: its service of the catalog, its environment, its severity and its correlation domain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.core.identity import short_hash
from app.model.catalog import Service
from app.model.inputs import Alert, SystemEvent, UserReport
from app.model.library import Library
from app.model.matchers import specificity
from app.model.presence import Heartbeat, domain_of
from app.model.words import Severity

MAX_DOMAIN = 400
"""The longest domain, in characters: it is a key, and part of every id's name."""
ADDRESSES = ("instance", "target", "url")
"""Labels in which a probe says what it asks, as an address."""
_ESCAPES = str.maketrans({"%": "%25", ",": "%2C", "=": "%3D"})
"""Values cannot look like further labels."""


@dataclass(frozen=True)
class Placement:
    """Where an input belongs, and why there."""

    domain: str
    environment: str
    reason: str
    """What decided: heartbeat, service_label, service_match, service_host, service_field, group_by, alert_name, fingerprint, subject,
    no_service."""
    service: str = ""
    severity: Severity = Severity.WARNING


def place_alert(alert: Alert, library: Library) -> Placement:
    """Place an alert by its labels."""
    rules = library.rules
    environment = _first(alert.labels, rules.environment_labels) or rules.environment
    severity = severity_of(alert.labels.get(rules.severity_label, ""), library)
    heartbeat = find_heartbeat(alert.labels, library)
    if heartbeat is not None:
        domain = domain_of(heartbeat.name)
        return Placement(domain, environment, "heartbeat", heartbeat.service, severity)
    service, reason = find_service(alert.labels, library)
    if service is not None:
        return Placement(domain_of_service(service, environment), environment, reason, service.id, severity)
    rest, reason = _without_service(alert, rules.group_by)
    return Placement(_domain(environment, f"-/{rest}"), environment, reason, "", severity)


def place_event(event: SystemEvent, library: Library) -> Placement:
    """Place a system event by its service, else by what it happened to."""
    return _placed(event.service, event.environment, event.subject or event.source, library)


def place_report(report: UserReport, library: Library) -> Placement:
    """Place a user report by its service; those that name none share a domain for each environment."""
    return _placed(report.service, report.environment, report.service or "reports", library)


def domain_of_service(service: Service, environment: str) -> str:
    """Give the correlation domain of a service of the catalog in an environment: `<environment>/<system>`."""
    return _domain(environment, service.system or service.id)


def domain_in(environment: str, rest: str) -> str:
    """Give a domain of an environment by the rest of its name."""
    return _domain(environment, rest)


def find_heartbeat(labels: Mapping[str, str], library: Library) -> Heartbeat | None:
    """Find the heartbeat that an alert is: the most specific match; of equal ones the first by name."""
    found = [
        (specificity(best), heartbeat)
        for _, heartbeat in sorted(library.heartbeats.items())
        if (best := heartbeat.match.best(labels)) is not None
    ]
    return max(found, key=lambda each: each[0])[1] if found else None


def find_service(labels: Mapping[str, str], library: Library) -> tuple[Service | None, str]:
    """Find the service that labels concern: one they name, else the most specific match, else the host that is probed; a tie is no service."""
    for name in library.rules.service_labels:
        if (service := library.services.get(labels.get(name, ""))) is not None:
            return service, "service_label"
    found = [
        (specificity(best), service)
        for service in library.services.values()
        if (best := service.match.best(labels)) is not None
    ]
    found.sort(key=lambda each: (each[0], each[1].id), reverse=True)
    if not found and (probed := library.services.get(_probed(labels))) is not None:
        return probed, "service_host"
    if not found or (len(found) > 1 and found[0][0] == found[1][0]):
        return None, "no_service"
    return found[0][1], "service_match"


def team_of(service: str, library: Library) -> str:
    """Give the team that owns a service, or what nobody owns."""
    known = library.services.get(service)
    return (known.team if known else "") or library.rules.team


def _probed(labels: Mapping[str, str]) -> str:
    """Give the first name of the host that a probe from outside asks: `shop` of `https://shop.example.com/`."""
    address = next((labels[name] for name in ADDRESSES if "://" in labels.get(name, "")), "")
    return address.partition("://")[2].partition("/")[0].partition(":")[0].partition(".")[0]


def severity_of(word: str, library: Library) -> Severity:
    """Give the severity that a word stands for; one that nobody knows is a warning."""
    plain = word.strip().lower()
    mapped = {name.lower(): severity for name, severity in library.rules.severities.items()}
    if plain in mapped:
        return mapped[plain]
    return next((severity for severity in Severity if severity.value == plain), Severity.WARNING)


def _placed(service_id: str, environment: str, otherwise: str, library: Library) -> Placement:
    environment = environment or library.rules.environment
    service = library.services.get(service_id)
    if service is not None:
        return Placement(domain_of_service(service, environment), environment, "service_field", service.id)
    return Placement(_domain(environment, f"-/{otherwise or 'unknown'}"), environment, "no_service")


def _without_service(alert: Alert, group_by: tuple[str, ...]) -> tuple[str, str]:
    pairs = [
        f"{name}={alert.labels[name].translate(_ESCAPES)}" for name in group_by if alert.labels.get(name)
    ]
    if pairs:
        return ",".join(pairs), "group_by"
    if alert.name:
        return f"alertname={alert.name}", "alert_name"
    return f"fingerprint={alert.fingerprint}", "fingerprint"


def _domain(environment: str, rest: str) -> str:
    """Give the domain; one that is too long ends in a hash of the whole, so that no two are taken for one."""
    whole = f"{environment}/{rest}"
    return whole if len(whole) <= MAX_DOMAIN else f"{whole[: MAX_DOMAIN - 17]}~{short_hash(whole)}"


def _first(labels: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((labels[name] for name in names if labels.get(name)), "")
