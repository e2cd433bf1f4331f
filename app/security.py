"""How every client of the brokers proves who it is, and knows whom it talks to: from the environment alone, never typed."""

from __future__ import annotations

import ssl
from typing import Annotated, Any, Literal

from pydantic import Field, FilePath, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Security(BaseSettings):
    """The settings of the connection, and what they are called by each client library."""

    model_config = SettingsConfigDict(
        env_prefix="ONCALL_", env_ignore_empty=True, use_attribute_docstrings=True, frozen=True
    )

    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    """How to talk to the brokers; SSL encrypts, SASL says who we are."""
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "PLAIN"
    """How the password is shown."""
    sasl_username: Annotated[str, Field(validate_default=True)] = ""
    """The name at the brokers, where the protocol is a SASL one."""
    sasl_password: Annotated[SecretStr, Field(validate_default=True)] = SecretStr("")
    """The password there; it is never logged."""
    ssl_ca: FilePath | None = None
    """A file of PEM certificates that sign the brokers'; without it the system's are trusted."""
    embedded: bool = False
    """The broker is the embedded one: it has no topic settings, no append times and no fencing, makes topics when they are
    first used, and its control batches bear wrong checksums, so the checks of those are off."""

    @field_validator("sasl_username", "sasl_password")
    @classmethod
    def _given_where_needed(cls, value: str | SecretStr, info: ValidationInfo) -> str | SecretStr:
        needed = str(info.data.get("security_protocol", "")).startswith("SASL")
        said = value.get_secret_value() if isinstance(value, SecretStr) else value
        if needed and not said:
            raise ValueError("is needed where ONCALL_SECURITY_PROTOCOL is a SASL one")
        return value

    @property
    def uses_sasl(self) -> bool:
        """Whether clients say who they are."""
        return self.security_protocol.startswith("SASL")

    @property
    def also_right(self) -> str:
        """Give what else to look at when no broker answers: a wrong password sounds like a broker that is away."""
        return ", and that ONCALL_SASL_USERNAME and ONCALL_SASL_PASSWORD are right" if self.uses_sasl else ""

    def ssl_context(self) -> ssl.SSLContext | None:
        """Give what checks the brokers' certificates; None where nothing is encrypted."""
        return (
            ssl.create_default_context(cafile=self.ssl_ca) if self.security_protocol.endswith("SSL") else None
        )

    def for_aiokafka(self) -> dict[str, Any]:
        """Give it as aiokafka names it."""
        if self.security_protocol == "PLAINTEXT":
            return {}
        given = {"security_protocol": self.security_protocol, "ssl_context": self.ssl_context()}
        if not self.uses_sasl:
            return given
        return given | {
            "sasl_mechanism": self.sasl_mechanism,
            "sasl_plain_username": self.sasl_username,
            "sasl_plain_password": self.sasl_password.get_secret_value(),
        }

    def for_librdkafka(self) -> dict[str, Any]:
        """Give it as librdkafka names it."""
        if self.security_protocol == "PLAINTEXT":
            return {}
        given: dict[str, Any] = {"security.protocol": self.security_protocol}
        if self.ssl_ca is not None:
            given["ssl.ca.location"] = str(self.ssl_ca)
        if not self.uses_sasl:
            return given
        return given | {
            "sasl.mechanisms": self.sasl_mechanism,
            "sasl.username": self.sasl_username,
            "sasl.password": self.sasl_password.get_secret_value(),
        }
