"""Where inputs belong, as tables."""

from __future__ import annotations

import pytest

from app.core.domains import place_alert, place_event, place_report
from app.core.identity import fingerprint
from app.model.catalog import Rules, Service
from app.model.inputs import Alert, SystemEvent, UserReport
from app.model.library import Library
from app.model.matchers import Match, parse_matcher
from app.model.words import Severity


def match(*alternatives):
    return Match(tuple(tuple(parse_matcher(line) for line in lines) for lines in alternatives))


SERVICES = (
    Service("cart", system="checkout", match=match(['namespace="shop"', 'pod=~"cart-.*"'])),
    Service("payments", system="checkout", match=match(['namespace="pay"'])),
    Service("shop", match=match(['namespace="shop"'])),
    Service("left", match=match(['namespace="both"'])),
    Service("right", match=match(['namespace="both"'])),
)
LIBRARY = Library(
    "h",
    rules=Rules(severities={"page": Severity.CRITICAL, "Ticket": Severity.INFO, "error": Severity.CRITICAL}),
    services={service.id: service for service in SERVICES},
)


def placed(**labels):
    return place_alert(Alert(labels=labels, fingerprint=fingerprint(labels)), LIBRARY)


ALERTS = {
    "its label names a service": (
        {"service": "cart", "alertname": "A"},
        ("production/checkout", "cart", "service_label"),
    ),
    "another of the labels does": (
        {"service": "unknown", "app": "payments"},
        ("production/checkout", "payments", "service_label"),
    ),
    "the first label that does wins": (
        {"service": "cart", "app": "shop"},
        ("production/checkout", "cart", "service_label"),
    ),
    "a label wins over a match": (
        {"job": "payments", "namespace": "shop"},
        ("production/checkout", "payments", "service_label"),
    ),
    "the host that a probe from outside asks": (
        {"alertname": "ProbeFailed", "instance": "https://payments.example.com:443/health"},
        ("production/checkout", "payments", "service_host"),
    ),
    "a host that is no service's": (
        {"alertname": "ProbeFailed", "target": "https://www.example.com/"},
        ("production/-/alertname=ProbeFailed", "", "group_by"),
    ),
    "an address without a scheme is an exporter's": (
        {"alertname": "Down", "instance": "payments:9100"},
        ("production/-/alertname=Down", "", "group_by"),
    ),
    "the most specific match": (
        {"namespace": "shop", "pod": "cart-1"},
        ("production/checkout", "cart", "service_match"),
    ),
    "the other match; a service is its own system": (
        {"namespace": "shop", "pod": "web-1"},
        ("production/shop", "shop", "service_match"),
    ),
    "the environment's label": (
        {"env": "staging", "service": "cart"},
        ("staging/checkout", "cart", "service_label"),
    ),
    "nobody's: grouped": (
        {"namespace": "kube-system", "alertname": "DNS", "pod": "x"},
        ("production/-/namespace=kube-system,alertname=DNS", "", "group_by"),
    ),
    "nobody's, one label of the group": (
        {"alertname": "DNS"},
        ("production/-/alertname=DNS", "", "group_by"),
    ),
    "nobody's in another environment": (
        {"environment": "staging", "alertname": "DNS"},
        ("staging/-/alertname=DNS", "", "group_by"),
    ),
}


@pytest.mark.parametrize(("labels", "expected"), ALERTS.values(), ids=ALERTS)
def test_where_an_alert_belongs(labels, expected):
    place = placed(**labels)
    assert (place.domain, place.service, place.reason) == expected


def test_an_alert_with_none_of_the_labels_is_known_by_its_fingerprint():
    place = placed(pod="x")
    assert place.domain == f"production/-/fingerprint={fingerprint({'pod': 'x'})}"
    assert place.reason == "fingerprint"


def test_a_tie_of_services_is_decided_alike_in_any_order():
    tied = Alert(labels={"namespace": "both", "alertname": "A"})
    backwards = Library("h", LIBRARY.rules, services=dict(reversed(LIBRARY.services.items())))
    assert place_alert(tied, LIBRARY) == place_alert(tied, backwards)


SEVERITIES = {
    "critical": Severity.CRITICAL,
    "CRITICAL": Severity.CRITICAL,
    " warning ": Severity.WARNING,
    "info": Severity.INFO,
    "none": Severity.NONE,
    "page": Severity.CRITICAL,
    "Page": Severity.CRITICAL,
    "ticket": Severity.INFO,
    "error": Severity.CRITICAL,
    "sev1": Severity.WARNING,
    "": Severity.WARNING,
}


@pytest.mark.parametrize("word", SEVERITIES)
def test_what_words_for_severity_mean(word):
    assert placed(alertname="A", severity=word).severity is SEVERITIES[word]


def test_no_severity_is_a_warning():
    assert placed(alertname="A").severity is Severity.WARNING


def test_an_event_of_a_known_service_meets_its_alerts():
    event = SystemEvent(type="deploy", service="payments")
    assert place_event(event, LIBRARY).domain == placed(service="cart").domain
    staging = SystemEvent(type="deploy", service="payments", environment="staging")
    assert place_event(staging, LIBRARY).domain == "staging/checkout"


def test_events_of_nobody_are_kept_apart_by_what_they_happened_to():
    domains = {
        place_event(SystemEvent(type="node", subject=subject), LIBRARY).domain for subject in ("n1", "n2", "")
    }
    assert len(domains) == 3
    assert all(domain.startswith("production/-/") for domain in domains)


def test_reports():
    known = place_report(UserReport(text="t", service="cart"), LIBRARY)
    assert (known.domain, known.service) == ("production/checkout", "cart")
    unknown = place_report(UserReport(text="t", environment="staging"), LIBRARY)
    assert (unknown.domain, unknown.service) == ("staging/-/reports", "")


LONG = {
    "first": {"namespace": "n" * 5_000, "alertname": "A"},
    "second": {"namespace": "n" * 5_000, "alertname": "B"},
}


def test_long_labels_make_bounded_domains_that_stay_apart():
    first, second = (placed(**labels).domain for labels in LONG.values())
    assert first != second
    assert len(first) <= 1_000


def test_values_with_separators_do_not_meet():
    one = placed(namespace="a,alertname=b")
    other = placed(namespace="a", alertname="b")
    assert one.domain != other.domain
