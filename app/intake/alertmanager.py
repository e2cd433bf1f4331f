"""Alertmanager's webhook, version 4, as a list of alerts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.intake.normalise import normal_alert
from app.model.inputs import Alert
from app.model.words import AlertStatus
from app.wire.decode import validate
from app.wire.errors import WireError

VERSION = "4"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class WebhookError(ValueError):
    """A body that is no webhook of version 4. `field` is the path of what is wrong."""

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Webhook:
    """What a webhook says."""

    group_key: str
    alerts: list[Alert]


def read_webhook(body: Any) -> Webhook:
    """Read a webhook's body. Alerts that Alertmanager cut off (`truncatedAlerts`) are made visible by an alert of ours.

    Raises:
        WebhookError: it is none, or an alert in it is wrong.

    """
    if not isinstance(body, dict):
        raise WebhookError("The body is no JSON object; point Alertmanager's webhook_configs here.", "")
    if body.get("version") != VERSION:
        raise WebhookError(
            f'version is {body.get("version")!r}; only webhooks of version "4" are taken.', "version"
        )
    entries = body.get("alerts")
    if not isinstance(entries, list):
        raise WebhookError("alerts is not a list.", "alerts")
    alerts = [_alert(entry, f"alerts[{place}]") for place, entry in enumerate(entries)]
    truncated = body.get("truncatedAlerts", 0)
    if not isinstance(truncated, int) or isinstance(truncated, bool) or truncated < 0:
        raise WebhookError("truncatedAlerts is no number from 0.", "truncatedAlerts")
    if truncated:
        alerts.append(_truncated(body, truncated))
    return Webhook(str(body.get("groupKey", "")), alerts)


def _alert(entry: Any, at: str) -> Alert:
    try:
        alert = validate(entry, Alert)
        normal_alert(alert, says_status=True, read_at=_EPOCH)
    except WireError as error:
        field = f"{at}.{error.field}" if error.field else at
        raise WebhookError(f"{field}: {error.detail}", field) from error
    return alert


def _truncated(body: dict[str, Any], count: int) -> Alert:
    receiver, group = str(body.get("receiver", "")), str(body.get("groupKey", ""))
    labels = {
        "alertname": "AlertmanagerTruncatedAlerts",
        "receiver": receiver,
        "group": hashlib.sha256(group.encode()).hexdigest()[:12],
        "severity": "warning",
    }
    return Alert(
        labels={name: value for name, value in labels.items() if value},
        annotations={
            "summary": f"Alertmanager cut {count} alerts off",
            "description": f"Group {group} of receiver {receiver} has more alerts than its webhook may carry: "
            f"{count} did not arrive. Raise max_alerts of webhook_configs, or set it to 0. "
            "Nothing tells when it is over: resolve this incident yourself then.",
        },
        status=AlertStatus.FIRING,
    )
