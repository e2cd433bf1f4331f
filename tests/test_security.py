"""How clients prove who they are: complete or refused, and never shown."""

import pytest

from app.security import Security
from app.settings import SettingsError, read_settings
from app.stream.credentials import credentials_of

SASL = {"security_protocol": "SASL_PLAINTEXT", "sasl_username": "me", "sasl_password": "hidden"}


def test_without_settings_nothing_is_said():
    plain = Security()
    assert (plain.for_aiokafka(), plain.for_librdkafka(), credentials_of(plain)) == ({}, {}, None)


def test_each_library_is_told_the_same():
    security = Security(**SASL, sasl_mechanism="SCRAM-SHA-512")
    assert security.for_librdkafka() == {
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanisms": "SCRAM-SHA-512",
        "sasl.username": "me",
        "sasl.password": "hidden",
    }
    assert security.for_aiokafka() == {
        "security_protocol": "SASL_PLAINTEXT",
        "ssl_context": None,
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "me",
        "sasl_plain_password": "hidden",
    }
    faust = credentials_of(security)
    assert (faust.protocol.value, faust.mechanism.value, faust.username, faust.password) == (
        "SASL_PLAINTEXT",
        "SCRAM-SHA-512",
        "me",
        "hidden",
    )


@pytest.mark.parametrize("protocol", ["SSL", "SASL_SSL"])
def test_certificates_are_checked_where_it_is_encrypted(protocol):
    security = Security(**{**SASL, "security_protocol": protocol})
    context = security.for_aiokafka()["ssl_context"]
    assert (context.check_hostname, context.verify_mode.name) == (True, "CERT_REQUIRED")
    assert credentials_of(security).protocol.value == protocol


@pytest.mark.parametrize("name", ["sasl_username", "sasl_password"])
def test_what_is_missing_is_named(monkeypatch, name):
    for each, value in SASL.items():
        if each != name:
            monkeypatch.setenv(f"ONCALL_{each.upper()}", value)
    with pytest.raises(SettingsError, match=f"^ONCALL_{name.upper()}: is needed") as refused:
        read_settings()
    assert "hidden" not in str(refused.value)


def test_a_file_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setenv("ONCALL_SSL_CA", "/none.pem")
    with pytest.raises(SettingsError, match=r"^ONCALL_SSL_CA: "):
        read_settings()


def test_the_password_is_never_shown():
    shown = Security(**SASL)
    assert "hidden" not in f"{shown!r} {shown} {shown.model_dump_json()}"
