"""The estate as operators describe it: teams, services, people, actions, policies and rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from app.model.matchers import Match
from app.model.words import Effect, Mode, Severity


@dataclass(frozen=True)
class Team:
    """A team that owns services and runbooks."""

    id: str
    title: str = ""
    escalation: str = ""
    """Its escalation policy."""
    chat: str = ""
    """Its chat channel."""
    tickets: str = ""
    """Its ticket project."""
    mode: Mode | None = None


@dataclass(frozen=True)
class Service:
    """A service of the estate."""

    id: str
    title: str = ""
    team: str = ""
    system: str = ""
    """What may fail together; with the environment it makes the correlation domain. The service's own id by default."""
    match: Match = Match()
    """Alerts that concern it though they bear no label with its id."""
    depends_on: tuple[str, ...] = ()
    chat: str = ""
    tickets: str = ""


@dataclass(frozen=True)
class Person:
    """Somebody who can be paged."""

    id: str
    name: str = ""
    contact_ref: str = ""
    """A reference that the pager resolves; never an address or a number."""


@dataclass(frozen=True)
class Parameter:
    """A parameter of an action."""

    name: str
    type: str = "string"
    """string | integer | number | boolean | list | map."""
    required: bool = True
    description: str = ""


@dataclass(frozen=True)
class Action:
    """What a step may ask for."""

    id: str
    effect: Effect
    description: str = ""
    parameters: tuple[Parameter, ...] = ()


@dataclass(frozen=True)
class Level:
    """A level of an escalation policy."""

    targets: tuple[str, ...]
    """`user:ID`, `schedule:ID` or `channel:NAME`."""
    ack_timeout: timedelta = timedelta(minutes=5)


@dataclass(frozen=True)
class Policy:
    """An escalation policy."""

    id: str
    title: str = ""
    levels: tuple[Level, ...] = ()


@dataclass(frozen=True)
class Rules:
    """What holds overall."""

    mode: Mode = Mode.SHADOW
    environment: str = "production"
    """The environment of what names none."""
    environment_labels: tuple[str, ...] = ("environment", "env")
    service_labels: tuple[str, ...] = ("service", "app", "job")
    """Labels that may name a service of the catalog, the first that does wins."""
    severity_label: str = "severity"
    severities: dict[str, Severity] = field(default_factory=dict)
    """What other words for severities mean; one that is unknown is a warning."""
    group_by: tuple[str, ...] = ("namespace", "alertname")
    """The labels that make the domain of an alert that concerns no service of the catalog."""
    team: str = ""
    """The team that owns what nobody owns."""
    escalation: str = ""
    """The policy of what has none."""
    reopen_window: timedelta = timedelta(minutes=30)
    """For how long after its end an incident may be reopened."""
    change_window: timedelta = timedelta(hours=1)
    """For how long a system event may be suspected."""
    page_error_after: timedelta = timedelta(minutes=3)
    """When an incident of severity error is paged while a runbook is at work."""
