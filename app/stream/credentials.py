"""The connection's security as Faust names it."""

from __future__ import annotations

from faust.auth import Credentials, SASLCredentials, SSLCredentials

from app.security import Security


def credentials_of(security: Security) -> Credentials | None:
    """Give the credentials; None where nothing is encrypted and nobody asks who we are."""
    context = security.ssl_context()
    if security.uses_sasl:
        return SASLCredentials(
            username=security.sasl_username,
            password=security.sasl_password.get_secret_value(),
            mechanism=security.sasl_mechanism,
            ssl_context=context,
        )
    return SSLCredentials(context=context) if context is not None else None
