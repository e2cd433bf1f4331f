"""The short words of a test: `failed (refused)`, `look x3`, `alice approves undo`; read, or a mistake at their place."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any

from app.library.fields import Fields
from app.library.located import Located
from app.library.problems import Findings, suggest
from app.model.words import AnswerStatus, ResponseKind
from app.rehearse.cases import ANSWER_DELAY, AlertNews, Answer, Outcome, PastChange, Sent, Wish

STATUSES = {
    "succeeded": AnswerStatus.SUCCEEDED,
    "failed": AnswerStatus.FAILED,
    "refused": AnswerStatus.REFUSED,
    "expired": AnswerStatus.EXPIRED,
    "unknown": AnswerStatus.UNKNOWN,
    "silent": None,
}
"""How an executor may answer."""
ANSWER_FIELDS = {*STATUSES, "output", "after", "retryable", "finds"} - {"silent"}
VERBS = {
    "approves": ResponseKind.APPROVE,
    "rejects": ResponseKind.REJECT,
    "reports": ResponseKind.REPORT,
    "skips": ResponseKind.SKIP,
    "retries": ResponseKind.RETRY,
    "acknowledges": ResponseKind.ACKNOWLEDGE,
    "resolves": ResponseKind.RESOLVE,
    "reopens": ResponseKind.REOPEN,
    "pauses": ResponseKind.PAUSE,
    "resumes": ResponseKind.RESUME,
    "cancels": ResponseKind.CANCEL,
    "takes over": ResponseKind.TAKE_OVER,
}
ABOUT_A_STEP = ("approves", "rejects", "reports", "skips", "retries")
EXAMPLES = (
    "resolved, fires, {deploy: SERVICE}, alice approves STEP, bob reports STEP failed, alice takes over"
)
_OUTCOME = re.compile(r"([a-z_]+)(?:\s*\(([a-z_]+)\))?")
_SENT = re.compile(r"((?:cancel |dry-run )?[^\s*]+)(?:\s+x(\d{1,2}))?")


def read_outcome(located: Located, kind: type[StrEnum], findings: Findings, also: str = "") -> Outcome | None:
    """Read `status` or `status (reason)`."""
    text = str(located.value).strip() if located.value is not None else ""
    found = _OUTCOME.fullmatch(text)
    known = [*(word.value for word in kind), *([also] if also else [])]
    if found is None or found[1] not in known:
        mend = f"write STATUS or STATUS (reason); {suggest(found[1] if found else text, known)}"
        findings.error(located.place, f"{text!r} is no outcome", mend)
        return None
    return Outcome(found[1], found[2] or "")


def read_sent(located: Located, findings: Findings) -> list[Sent]:
    """Read `STEP`, `STEP x3`, `cancel STEP`, `dry-run STEP`, `*`, or one of these with its parameters."""
    text, params = one_entry(located)
    found = _SENT.fullmatch(text or "")
    if text == "*" and params is None:
        return [Sent("*")]
    if found is None or not (params is None or isinstance(params.value, dict)):
        mend = "write STEP, STEP x3, cancel STEP, dry-run STEP, or STEP: {param: value}"
        findings.error(located.place, "this is no command", mend)
        return []
    return [Sent(found[1], params.plain() if params else {})] * max(1, int(found[2] or 1))


def read_answers(located: Located, findings: Findings) -> tuple[Answer, ...]:
    """Read an answer, or a list of them, one an attempt."""
    each = located.value if isinstance(located.value, list) else [located]
    if not each:
        findings.error(located.place, "no answer is given", "write silent for none")
    return tuple(read for one in each if (read := _answer(one, findings)) is not None)


def _answer(located: Located, findings: Findings) -> Answer | None:
    value = located.value
    if isinstance(value, dict) and not set(value) <= ANSWER_FIELDS:
        return Answer(output=located.plain())
    if isinstance(value, dict):
        return _answer_map(located, findings)
    if value in STATUSES:
        return Answer(status=STATUSES[value])
    findings.error(
        located.place, f"{value!r} is no answer", f"{suggest(str(value), list(STATUSES))}; or write the output as a map"
    )  # fmt: skip
    return None


def _answer_map(located: Located, findings: Findings) -> Answer | None:
    fields = Fields(located, findings, "an answer")
    said = [name for name in STATUSES if name in fields]
    if len(said) > 1:
        findings.error(located.place, f"an answer is {said[0]} or {said[1]}, not both")
        return None
    answer = Answer(
        after=fields.duration("after", ANSWER_DELAY),
        retryable=fields.flag("retryable", default=False),
        output=_map(fields, "output"),
        finds=_map(fields, "finds"),
    )
    if not said:
        return answer
    status, given = STATUSES[said[0]], fields.located(said[0])
    if given is not None and isinstance(given.value, dict):
        if status is AnswerStatus.SUCCEEDED:
            return replace(answer, output=given.plain())
        mend = (
            "write output: {...} beside it; and for an output with a field of that name, output: {...} alone"
        )
        findings.error(given.place, f"{said[0]} takes words", mend)
    return replace(answer, status=status, reason=fields.text(said[0]))


def read_change(located: Located, findings: Findings) -> PastChange | None:
    """Read `{deploy: SERVICE, summary: TEXT, ago: 10m}`; instead of `deploy` any type of event."""
    value = located.value if isinstance(located.value, dict) else {}
    types = [name for name in value if name not in ("summary", "ago")]
    if len(types) != 1:
        findings.error(located.place, "this is no change", "write {deploy: SERVICE, summary: TEXT, ago: 10m}")
        return None
    fields = Fields(located, findings, "a change")
    ago = fields.duration("ago", PastChange("", "").ago)
    return PastChange(types[0], fields.text(types[0]), fields.text("summary"), ago)


def read_event(located: Located, findings: Findings) -> Wish | AlertNews | PastChange | None:
    """Read what happens at a moment."""
    text, detail = one_entry(located)
    if text in ("resolved", "fires"):
        return AlertNews(text == "fires", _labels(detail))
    if text is None or (detail is not None and " " not in text):
        return read_change(located, findings)
    wish = _wish(text.split(), detail.plain() if detail is not None else None)
    if wish is None:
        verbs = [verb for verb in VERBS if verb.split()[0] in text.split()]
        mend = (
            f"{verbs[0]} names a step" if verbs and verbs[0] in ABOUT_A_STEP else f"write such as {EXAMPLES}"
        )
        findings.error(located.place, f"{text!r} is nothing that can happen", mend)
    return wish


def _wish(words: list[str], output: Any) -> Wish | None:
    in_vain = words[-2:] == ["in", "vain"]
    words = words[:-2] if in_vain else words
    verb = next((verb for verb in VERBS if words[1 : 1 + len(verb.split())] == verb.split()), None)
    if verb is None or not isinstance(output, dict | None):
        return None
    rest = words[1 + len(verb.split()) :]
    wish = Wish(words[0], VERBS[verb], output=output or {}, in_vain=in_vain)
    match rest:
        case ["automation"] if verb in ("pauses", "resumes"):
            return replace(wish, overall=True)
        case [] if verb not in ABOUT_A_STEP:
            return wish
        case [step] if verb in ABOUT_A_STEP:
            return replace(wish, step=step)
        case [step, "failed"] if verb == "reports":
            return replace(wish, step=step, failed=True)
        case _:
            return None


def one_entry(located: Located) -> tuple[str | None, Located | None]:
    """Give a text, or the key and value of a map with one entry; (None, None) for anything else."""
    if isinstance(located.value, str):
        return located.value.strip(), None
    if isinstance(located.value, dict) and len(located.value) == 1:
        ((name, value),) = located.value.items()
        return name.strip(), value
    return None, None


def _labels(located: Located | None) -> Mapping[str, str]:
    plain = located.plain() if located is not None else None
    return {name: str(value) for name, value in plain.items()} if isinstance(plain, dict) else {}


def _map(fields: Fields, name: str) -> dict[str, Any]:
    return {each: value.plain() for each, value in fields.entries(name).items()}


def names_of(sent: Sequence[Sent]) -> list[str]:
    """Give the steps that commands name."""
    return [each.name.rpartition(" ")[2] for each in sent if each.name != "*"]
