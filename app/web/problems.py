"""What goes wrong, said to programs as a problem document (RFC 9457) and to people as a page; never a stack trace.

Problem              any of them: status, title, detail, and further members
  BadRequest         400: a parameter or field, named
  NotFound           404
  Ambiguous          409: a prefix that several ids bear
  TooLarge           413
  NotJson            415
  Unavailable        503: not yet, or no ack; with Retry-After
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from aiohttp import web

from app.web.templates import page

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

FOR_PROGRAMS = ("/api", "/intake", "/healthz", "/readyz", "/metrics")


class Problem(Exception):  # noqa: N818  # the word of RFC 9457
    """Something that the caller is told; `members` are further facts, such as the field that is wrong."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR

    def __init__(self, detail: str, **members: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.members = members

    @property
    def headers(self) -> dict[str, str]:
        """Headers of the answer."""
        return {}


class BadRequest(Problem):
    """A parameter or field that cannot be taken; `field` names it."""

    status = HTTPStatus.BAD_REQUEST


class Misdirected(Problem):
    """A request that names a host that is not ours."""

    status = HTTPStatus.MISDIRECTED_REQUEST


class NotFound(Problem):
    """There is nothing by that name."""

    status = HTTPStatus.NOT_FOUND


class Ambiguous(Problem):
    """A prefix that several ids bear."""

    status = HTTPStatus.CONFLICT


class TooLarge(Problem):
    """A body over the limit: a final answer, sending it again does not help."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class NotJson(Problem):
    """A body that does not say it is JSON."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class Unavailable(Problem):
    """Not now; trying again helps."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    retry_after_s = 5

    @property
    def headers(self) -> dict[str, str]:
        """When to try again."""
        return {"Retry-After": str(self.retry_after_s)}


@web.middleware
async def explain_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every failure of the handlers within into an answer that its reader understands."""
    try:
        return await handler(request)
    except Problem as problem:
        return answer(request, problem.status, problem.detail, problem.members, problem.headers)
    except web.HTTPException as error:
        if error.status < HTTPStatus.BAD_REQUEST:
            raise
        return _from_aiohttp(request, error)
    except Exception:
        log.exception("%s %s failed", request.method, request.path)
        detail = "Something went wrong in the worker; its log says what."
        return answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, detail)


def answer(
    request: web.Request,
    status: int,
    detail: str,
    members: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> web.Response:
    """Give the problem as a document or, where people look, as a page."""
    title = HTTPStatus(status).phrase
    if not request.path.startswith(FOR_PROGRAMS):
        html = page("error.html", status=status, title=title, detail=detail)
        return web.Response(text=html, status=status, content_type="text/html", headers=headers)
    document = {
        "type": "about:blank",
        "title": title,
        "status": int(status),
        "detail": detail,
        **(members or {}),
    }
    return web.Response(
        text=json.dumps(document, ensure_ascii=False),
        status=status,
        content_type="application/problem+json",
        headers=headers,
    )


def _from_aiohttp(request: web.Request, error: web.HTTPException) -> web.Response:
    """404 and 405 of the router, 413 of the body reader: aiohttp's own, in our words."""
    headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else None
    details = {
        HTTPStatus.NOT_FOUND: f"There is nothing at {request.path}.",
        HTTPStatus.METHOD_NOT_ALLOWED: f"{request.method} is not for {request.path}.",
    }
    detail = details.get(HTTPStatus(error.status), error.reason)
    return answer(request, error.status, detail, headers=headers)
