"""Settings that cannot be are named, with what they may be; nothing starts on them."""

import re

import pytest

from app.model.words import Mode
from app.settings import Settings, SettingsError, read_settings


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("BATCH", "0", "greater than or equal to 1"),
        ("BATCH", "many", "valid integer"),
        ("PARTITIONS", "0", "greater than or equal to 1"),
        ("REPLICATION", "0", "greater than or equal to 1"),
        ("SESSION_TIMEOUT", "0", "greater than or equal to 1"),
        ("TIMER_INTERVAL", "-1", "greater than or equal to 0.01"),
        ("WEB_PORT", "70000", "less than or equal to 65535"),
        ("MODE", "fast", "'shadow'"),
        ("MODE", "suggest", "suggest is not in this release; use shadow or auto"),
        ("TOPIC_PREFIX", "a/b", "match pattern"),
        ("APP_ID", "a b", "match pattern"),
        ("LOG_LEVEL", "loud", "'debug', 'info', 'warning' or 'error'"),
        ("OUTPUT_FORMAT", "xml", "'avro' or 'json'"),
    ],
)
def test_a_value_that_cannot_be(monkeypatch, name, value, words):
    monkeypatch.setenv(f"ONCALL_{name}", value)
    with pytest.raises(SettingsError, match=f"^ONCALL_{name}: .*{re.escape(words)}"):
        read_settings()
    monkeypatch.delenv(f"ONCALL_{name}")
    with pytest.raises(SettingsError, match=f"^--{name.lower().replace('_', '-')}: .*{re.escape(words)}"):
        read_settings(**{name.lower(): value})


def test_all_that_cannot_be_are_named_at_once(monkeypatch):
    monkeypatch.setenv("ONCALL_BATCH", "0")
    monkeypatch.setenv("ONCALL_MODE", "fast")
    with pytest.raises(SettingsError, match=r"ONCALL_MODE: .*; ONCALL_BATCH: "):
        read_settings()


def test_an_empty_variable_is_as_good_as_none(monkeypatch):
    monkeypatch.setenv("ONCALL_MODE", "")
    monkeypatch.setenv("ONCALL_APP_ID", "")
    assert (read_settings().mode, read_settings().app_id) == (None, Settings.model_fields["app_id"].default)


def test_what_is_typed_wins(monkeypatch):
    monkeypatch.setenv("ONCALL_MODE", "auto")
    assert (read_settings().mode, read_settings(mode="shadow").mode) == (Mode.AUTO, Mode.SHADOW)
