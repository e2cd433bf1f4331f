"""Links of a page that lead nowhere: to files that are not in the folder, and to headings that no page has."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from app.library.body import Body
from app.library.folder import SUFFIXES
from app.library.page import ReadPage

_ANCHOR = re.compile(r"\{#([\w:.-]+)[^{}]*\}|<[^<>]{0,200}\b(?:id|name)\s?=\s?[\"']([^\"']{1,200})[\"']")
_CODE = re.compile(r"[`*_~]|<[^<>]*>|\{#[^{}]*\}")
_WORD = re.compile(r"[^\w\- ]")


def check_links(page: ReadPage, texts: Mapping[str, str], bodies: Mapping[str, Body]) -> None:
    """Advise on links that lead nowhere; `texts` are all files, `bodies` the pages among them."""
    for link in page.body.links:
        if (words := _wrong(link.target, page.runbook.path, texts, bodies)) is not None:
            page.findings.advise(link.place, words[0], words[1])


def _wrong(
    target: str, path: str, texts: Mapping[str, str], bodies: Mapping[str, Body]
) -> tuple[str, str] | None:
    """Say what is wrong with a link and the mend; None where nothing is, or nothing can be known."""
    try:
        parts = urlsplit(target)
    except ValueError:
        return f"{target!r} is no address", "write it out"
    if parts.scheme or parts.netloc or parts.path.startswith("/") or "{" in target:
        return None
    found = posixpath.normpath(posixpath.join(posixpath.dirname(path), parts.path)) if parts.path else path
    if found.startswith(".."):
        return f"the link to {target} leads out of the folder, which is all that is published", "give its URL"
    if found not in texts and not _may_be_there(found, texts):
        return f"the link leads to {found}, which is not in the folder", "mend the path, or take the link out"
    if (
        parts.fragment
        and found in bodies
        and parts.fragment.casefold() not in _anchors(bodies[found], texts[found])
    ):
        return (
            f"{found} has no heading #{parts.fragment}",
            "write the heading in small letters, with - for blanks",
        )
    return None


def _may_be_there(found: str, texts: Mapping[str, str]) -> bool:
    """Whether a link means a page or a folder as site generators write it, or a file that is no part of a library."""
    name = posixpath.basename(found)
    if name.casefold() == "readme.md" or ("." in name and not name.endswith(SUFFIXES)):
        return True
    return f"{found}.md" in texts or any(each.startswith(f"{found}/") for each in texts)


def _anchors(body: Body, text: str) -> set[str]:
    """Give what can be linked to within a page: its headings as Git forges name them, and what it names itself."""
    named = {(found[1] or found[2]).casefold() for found in _ANCHOR.finditer(text)}
    for heading in body.headings:
        slug = _WORD.sub("", _CODE.sub("", heading.text).strip().casefold()).replace(" ", "-")
        number = 0
        while (name := f"{slug}-{number}" if number else slug) in named and number < len(body.headings):
            number += 1
        named.add(name)
    return named
