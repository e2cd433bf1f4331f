"""A small estate whose services depend on one another, and its alerts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.model.catalog import Service, Team
from app.model.correlation import CorrelationRules
from app.model.library import Library
from app.model.policy import Level, Policy
from app.model.signals import Signal
from tests.core.estate import library, seconds
from tests.core.story import DOMAIN, Story, alert_signal

SERVICES = {
    "web": ("shop", ("cart", "search")),
    "cart": ("shop", ("orders", "cache")),
    "search": ("shop", ("index",)),
    "orders": ("sales", ("db",)),
    "billing": ("sales", ("db",)),
    "db": ("data", ("disk",)),
    "cache": ("data", ()),
    "index": ("data", ()),
    "disk": ("data", ()),
    "island": ("data", ()),
}
"""Service to its team and what it depends on."""


def shop(*pages: Any, correlation: CorrelationRules | None = None, **rules: Any) -> Library:
    """The estate; one person is paged for each team."""
    made = library(*pages, **rules)
    teams = {"shop": "alice", "sales": "bob", "data": "dave"}
    return replace(
        made,
        correlation=correlation or CorrelationRules(),
        services={
            name: Service(name, title=name.title(), team=team, system="shop", depends_on=under)
            for name, (team, under) in SERVICES.items()
        },
        teams={
            name: Team(name, escalation=name, chat=f"#{name}", tickets=name.upper(), members=(person,))
            for name, person in teams.items()
        },
        policies={
            name: Policy(name, levels=(Level((f"user:{person}",), seconds(300)),))
            for name, person in teams.items()
        },
    )


def in_shop(**fields: Any) -> Story:
    """A life in the estate's one domain."""
    return Story(shop(**fields), domain=DOMAIN)


def alert_of(service: str, name: str = "", *, starts: float = 0, **labels: str) -> Signal:
    """An alert of a service; of the labels that all have it bears only its name and severity."""
    given = {"pod": f"{service}-1", "service": service, "severity": "error", **labels}
    return alert_signal(name or f"{service.title()}Down", starts=starts, of_service=service, **given)
