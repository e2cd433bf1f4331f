from dataclasses import dataclass

from app.model.inputs import Alert


class WebhookError(ValueError):
    def __init__(self, m, field):
        super().__init__(m)
        self.field = field


@dataclass
class W:
    group_key: str
    alerts: list


def read_webhook(body):
    if not isinstance(body, dict):
        raise WebhookError("x", "")
    return W("g", [Alert.model_validate(a) for a in body["alerts"]])
