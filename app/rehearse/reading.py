"""`NAME.test.yaml` becomes the cases of the page `NAME.md`, or a list of all that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from app.library.fields import Fields, parse_duration
from app.library.located import Located, read_yaml
from app.library.problems import Findings, suggest
from app.model.library import Library
from app.model.runbook import Runbook
from app.model.words import ExecutionStatus, IncidentStatus, Mode, StepStatus
from app.rehearse.cases import Answer, Case, Expectation, Given, Happening, Outcome, Sent, Standing, Wish
from app.rehearse.words import (
    names_of,
    one_entry,
    read_answers,
    read_change,
    read_event,
    read_outcome,
    read_sent,
)

NOT_STARTED = "none"
"""The outcome of a page that was not run."""
MOST = 500
"""The most cases a page may have."""


def page_path(path: str) -> str:
    """Give the path of the page that a test is for."""
    return path.rsplit(".test.", 1)[0] + ".md"


def read_cases(path: str, text: str, library: Library, findings: Findings) -> list[Case]:
    """Read a test; mistakes go to `findings`, and a case with one may be missing."""
    page = next((page for page in library.runbooks.values() if page.path == page_path(path)), None)
    located = read_yaml(text, findings)
    if page is None:
        findings.error(
            (1, 1), f"there is no page {page_path(path)}", "a test lies beside its page, as NAME.test.yaml"
        )
    if located is None or page is None:
        if page is not None and not findings.problems:
            findings.error((1, 1), "the test is empty", "give it cases:")
        return []
    reader = _Reader(path, page, library, findings)
    cases = reader.read(Fields(located, findings, "a test"))
    if not cases and not findings.problems:
        findings.error((1, 1), "the test has no case", "give it cases:")
    return cases


def read_shared_answers(path: str, text: str, library: Library) -> dict[str, tuple[Answer, ...]]:
    """Give the answers that a test shares among its cases; none where it cannot be read."""
    findings = Findings(path)
    page = next((page for page in library.runbooks.values() if page.path == page_path(path)), None)
    located = read_yaml(text, findings)
    if page is None or located is None:
        return {}
    return _Reader(path, page, library, findings).answers(Fields(located, findings, "a test"))


@dataclass
class _Reader:
    path: str
    page: Runbook
    library: Library
    findings: Findings

    def read(self, fields: Fields) -> list[Case]:
        given = self._given(fields.located("given"), Given())
        answers = self.answers(fields)
        listed = fields.items("cases")
        fields.finish()
        if len(listed) > MOST:
            self.findings.error(listed[MOST].place, f"a page may have {MOST} cases", "split the page")
        cases = [self._case(each, given, answers) for each in listed[:MOST]]
        seen: set[str] = set()
        for case in cases:
            if case.name in seen:
                self.findings.error(
                    (case.line, 1), f"a case {case.name!r} is there already", "name it otherwise"
                )
            seen.add(case.name)
        return cases

    def _case(self, located: Located, given: Given, answers: Mapping[str, tuple[Answer, ...]]) -> Case:
        fields = Fields(located, self.findings, "a case")
        name = fields.text("name")
        if not name:
            self.findings.error(located.place, "a case has no name", "say in name: what happens in it")
        expect = self._expectation(fields.located("expect"), located)
        case = Case(
            name=name,
            page=self.page.id,
            path=self.path,
            line=located.place[0],
            given=self._given(fields.located("given"), given),
            answers={**answers, **self.answers(fields)},
            then=tuple(sorted(self._then(fields), key=lambda each: each.at)),
            expect=expect,
        )
        fields.finish()
        if not case.given.labels and not case.given.by:
            mend = "give it given: {alert: {alertname: NAME, severity: warning}}, or by: PERSON for a run by hand"
            self.findings.error(located.place, "nothing says which alert there is", mend)
        return case

    def _given(self, located: Located | None, base: Given) -> Given:
        fields = Fields(located, self.findings, "given")
        others = [_labels(each) for each in fields.items("alerts")]
        changes = [read_change(each, self.findings) for each in fields.items("changes")]
        given = Given(
            labels=_over(base.labels, fields.located("alert")),
            annotations=_over(base.annotations, fields.located("annotations")),
            others=tuple(others) if "alerts" in fields else base.others,
            changes=tuple(each for each in changes if each) if "changes" in fields else base.changes,
            mode=fields.word("mode", Mode) or base.mode,
            standing=self._standing(fields) if "standing" in fields else base.standing,
            by=fields.text("by", base.by),
            inputs={**base.inputs, **{name: each.plain() for name, each in fields.entries("inputs").items()}},
        )
        fields.finish()
        if given.inputs and not given.by:
            self.findings.error(fields.place_of("inputs"), "inputs are given by a person", "say by: PERSON")
        return given

    def _standing(self, fields: Fields) -> frozenset[Standing]:
        known = [word.value for word in Standing]
        read = fields.texts("standing")
        for word in read:
            if word not in known:
                self.findings.error(
                    fields.place_of("standing"), f"standing: {word!r} is unknown", suggest(word, known)
                )
        return frozenset(Standing(word) for word in read if word in known)

    def answers(self, fields: Fields) -> dict[str, tuple[Answer, ...]]:
        places = fields.key_places("answers")
        given = fields.entries("answers")
        for name in given:
            self._check_step(name, places[name])
        return {name: read_answers(each, self.findings) for name, each in given.items()}

    def _then(self, fields: Fields) -> list[Happening]:
        happenings = []
        for each in fields.items("then"):
            moment, what = one_entry(each)
            at = parse_duration(moment)
            if at is None or what is None:
                self.findings.error(each.place, "this says not when", "write 2m: resolved, as TIME: WHAT")
                continue
            text, detail = one_entry(what)
            is_check = text == "expect" and detail is not None
            event = self._expectation(detail, what) if is_check else read_event(what, self.findings)
            if isinstance(event, Wish) and event.step:
                self._check_step(event.step, what.place)
            if event is not None:
                happenings.append(Happening(at, each.place[0], f"{moment}: {text or 'change'}", event))
        return happenings

    def _expectation(self, located: Located | None, owner: Located) -> Expectation:
        if located is None:
            self.findings.error(owner.place, "the case expects nothing", "give it expect:")
            return Expectation(owner.place[0])
        fields = Fields(located, self.findings, "expect")
        expect = Expectation(
            line=located.place[0],
            commands=self._sent(fields) if "commands" in fields else None,
            steps=self._steps(fields),
            outcome=self._outcome(fields, "outcome", ExecutionStatus, NOT_STARTED),
            incident=self._outcome(fields, "incident", IncidentStatus),
            pages=fields.texts("pages") if "pages" in fields else None,
            outputs={name: each.plain() for name, each in fields.entries("outputs").items()},
            within=fields.duration("within", timedelta()) or None,
            lines={name: place[0] for name, place in located.keys.items()},
        )
        fields.finish()
        return expect

    def _outcome(self, fields: Fields, name: str, kind: type[StrEnum], also: str = "") -> Outcome | None:
        located = fields.located(name)
        return read_outcome(located, kind, self.findings, also) if located is not None else None

    def _sent(self, fields: Fields) -> tuple[Sent, ...]:
        sent = []
        for each in fields.items("commands"):
            read = read_sent(each, self.findings)
            for name in dict.fromkeys(names_of(read)):
                self._check_step(name, each.place)
            sent += read
        return tuple(sent)

    def _steps(self, fields: Fields) -> dict[str, Outcome]:
        given, places = fields.entries("steps"), fields.key_places("steps")
        for name in given:
            self._check_step(name, places[name])
        read = {name: read_outcome(each, StepStatus, self.findings) for name, each in given.items()}
        return {name: outcome for name, outcome in read.items() if outcome is not None}

    def _check_step(self, name: str, place: tuple[int, int]) -> None:
        page, known = self.page, ""
        *uses, last = name.split("/")
        try:
            for step in uses:
                page = self.library.runbooks[page.step(step).uses]
            page.step(last)
        except KeyError:
            known = suggest(last, [step.id for step in page.steps])
        if known:
            self.findings.error(place, f"{name!r} is no step of {page.path}", known)


def _labels(located: Located) -> dict[str, str]:
    plain = located.plain()
    return {name: str(value) for name, value in plain.items()} if isinstance(plain, dict) else {}


def _over(base: Mapping[str, str], located: Located | None) -> dict[str, str]:
    """Give the base with what is said over it; null takes a name out."""
    said = located.plain() if located is not None else {}
    merged = {**base, **(said if isinstance(said, dict) else {})}
    return {name: str(value) for name, value in merged.items() if value is not None}
