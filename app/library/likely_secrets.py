"""What looks like a secret: a library goes onto a topic, and stays there."""

from __future__ import annotations

import math
import re
from collections import Counter

from app.library.problems import Findings

MEND = "take it out and give it another value; a step names it under secrets:, and its executor knows it"
_CERTAIN = (
    ("an AWS access key", re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    ("a private key", re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----")),
    ("a GitHub token", re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})\b")),
    ("a Slack token", re.compile(r"\bxox[abeoprs]-[A-Za-z0-9-]{20,}")),
    (
        "a Slack webhook",
        re.compile(r"hooks\.slack\.com/services/T[A-Z0-9]{6,}/B[A-Z0-9]{6,}/[A-Za-z0-9]{20,}"),
    ),
    ("a Google API key", re.compile(r"\bAIza[0-9A-Za-z_-]{35}\b")),
    ("a Stripe key", re.compile(r"\b[sr]k_live_[0-9A-Za-z]{20,}\b")),
    ("a JSON web token", re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}")),
)
"""What has the form of a secret and of nothing else."""
_LIKELY = (
    ("a bearer token", re.compile(r"\b[Bb]earer\s+([A-Za-z0-9._~+/-]{20,}=*)")),
    (
        "a password in a URL",
        re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@'\"<>]{1,100}:([^\s/@'\"<>]{3,200})@"),
    ),
    (
        "a password in a query",
        re.compile(
            r"[?&](?:password|passwd|pwd|secret|token|api_?key|access_?key)=([^\s&#'\"<>]{3,200})",
            re.IGNORECASE,
        ),
    ),
    (
        "a secret",
        re.compile(
            r"\b\w{0,40}(?:password|passwd|secret|token|api_?key|access_?key)\w{0,20}['\"]?\s{0,3}[:=]\s{0,3}"
            r"['\"]?([A-Za-z0-9+/=_.~-]{16,200})",
            re.IGNORECASE,
        ),
    ),
)
_PLAIN = re.compile(
    r"example|changeme|placeholder|redacted|dummy|sample|your|xxx|\*\*\*|\.\.\.", re.IGNORECASE
)
MIN_ENTROPY = 3.5
"""Bits a character, from which a text looks made by chance."""
MAX_LINE = 2000
"""How much of a line is looked at."""


def check_secrets(text: str, findings: Findings) -> None:
    """Report what has the form of a secret, and advise where something may be one."""
    for number, whole in enumerate(text.split("\n"), 1):
        line = whole[:MAX_LINE]
        certain = [
            (what, found)
            for what, form in _CERTAIN
            for found in form.finditer(line)
            if not _PLAIN.search(found[0])
        ]
        for what, found in certain:
            findings.error((number, found.start() + 1), f"this looks like {what}", MEND)
        if not certain and (likely := _likely(line)) is not None:
            what, column = likely
            findings.advise((number, column), f"this may be {what}", MEND)


def _likely(line: str) -> tuple[str, int] | None:
    for what, form in _LIKELY:
        for found in form.finditer(line):
            value = found[1]
            if _PLAIN.search(value) or "$" in value or "{" in value:
                continue
            if what.startswith("a password in") or _looks_made_by_chance(value):
                return what, found.start(1) + 1
    return None


def _looks_made_by_chance(value: str) -> bool:
    counts = Counter(value).values()
    entropy = -sum(count / len(value) * math.log2(count / len(value)) for count in counts)
    return (
        entropy >= MIN_ENTROPY
        and any(each.isdigit() for each in value)
        and any(each.isalpha() for each in value)
    )
