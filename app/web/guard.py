"""Loopback only: this release has no authentication, so nothing but this machine may reach the web port."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import web

from app.web.problems import Handler, Misdirected, NotJson

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
_SAFE_METHODS = ("GET", "HEAD")

CSP = "default-src 'none'; style-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
SECURITY_HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class NotLoopbackError(ValueError):
    """The web port would be reachable from other machines."""


def require_loopback(host: str) -> None:
    """Refuse an address that other machines can reach.

    Raises:
        NotLoopbackError: it is neither `localhost` nor a loopback address.

    """
    if host == "localhost":
        return
    try:
        if ip_address(host).is_loopback:
            return
    except ValueError:
        pass  # a name: it may resolve to anything
    raise NotLoopbackError(
        f"the web port must listen on loopback, not on {host!r}: this release has no authentication. "
        "Set ONCALL_WEB_HOST to 127.0.0.1, and reach it from elsewhere through an SSH tunnel or an authenticating proxy"
    )


@web.middleware
async def refuse_foreign_hosts(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse requests that name another host: a web page may have rebound its own name to 127.0.0.1."""
    if not names_loopback(request.host):
        raise Misdirected(f"This port answers for localhost only, not for {request.host!r}.")
    comes_from_a_page = (
        "Origin" in request.headers
    )  # browsers say so with every POST, curl and connectors do not
    if (
        request.method not in _SAFE_METHODS
        and comes_from_a_page
        and request.content_type != "application/json"
    ):
        # Browsers send JSON to other origins only after asking first, and nothing here says yes to that.
        raise NotJson(f"Send Content-Type: application/json, not {request.content_type!r}.")
    return await handler(request)


@web.middleware
async def secure(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Tell browsers to run nothing, load nothing from elsewhere and tell nobody."""
    response = await handler(request)
    response.headers.update(SECURITY_HEADERS)
    return response


def names_loopback(host_header: str) -> bool:
    """Say whether a Host header (`host` or `host:port`) names this machine."""
    try:
        name = urlsplit(f"//{host_header}").hostname
    except ValueError:
        return False
    return name in LOOPBACK_NAMES
