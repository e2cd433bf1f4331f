"""Exports of other pagers are read as they come, and every bad line is named with its mend."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.connectors.pager_export import PagerExportError, parse_columns, read_export
from app.core.shadow.pages import PagerPage

AT = datetime(2026, 11, 24, 3, 0, 30, tzinfo=UTC)
LATER = datetime(2026, 11, 24, 3, 5, tzinfo=UTC)
WHOLE = PagerPage("Q1", AT, "CartDown", "Shop", ("Alice Arslan", "Bruno"), LATER, LATER)


def read(text, columns="", **more):
    return read_export(text, "pages.csv", parse_columns(columns), **more)


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        (
            (
                "id,at,title,service,to,acknowledged_at,resolved_at\n"
                "Q1,2026-11-24T03:00:30Z,CartDown,Shop,Alice Arslan;Bruno,2026-11-24T03:05:00Z,2026-11-24T03:05:00Z\n"
            ),
            "",
        ),
        (
            (
                "Incident Number,Description,Service Name,Created On,Assigned To,Seconds To First Ack,Resolved On\r\n"
                'Q1,CartDown,Shop,2026-11-24T04:00:30+01:00,"Alice Arslan, Bruno",270,2026-11-24 03:05:00 UTC\r\n'
            ),
            "",
        ),
        (
            (
                "Alert ID,Message,Entity,CreatedAt,Responders,acknowledgedAt,closedAt\n"
                "Q1,CartDown,Shop,1795489230000,Alice Arslan|Bruno,1795489500,1795489500000\n"
            ),
            "",
        ),
        (
            (
                "\ufeffnr,when,what,where,who,ack,end\n\n"
                "Q1,2026-11-24T03:00:30Z,CartDown,Shop,Alice Arslan;Bruno,270,270\n"
            ),
            "id=nr,at=when,title=what,service=where,to=who,acknowledged_at=ack,resolved_at=end",
        ),
        (
            (
                '{"id": "Q1", "title": "CartDown", "created_at": "2026-11-24T03:00:30Z", "service": {"summary": "Shop"},'
                ' "assignments": [{"assignee": {"summary": "Alice Arslan"}}, {"assignee": {"summary": "Bruno"}}],'
                ' "acknowledged_at": "2026-11-24T03:05:00Z", "resolved_at": "2026-11-24T03:05:00Z", "more": [[1]]}\n\n'
            ),
            "",
        ),
        (
            (
                '{"id": "Q1", "title": "CartDown", "at": 1795489230, "service": "Shop", "to": ["Alice Arslan", "Bruno"],'
                ' "times": {"ack": 270, "end": "2026-11-24T03:05:00Z"}}'
            ),
            "acknowledged_at=times.ack,resolved_at=times.end",
        ),
    ],
    ids=["ours", "PagerDuty", "Opsgenie", "mapped", "PagerDuty's API", "mapped JSON"],
)
def test_what_exports_call_things(text, columns):
    export = read(text, columns)
    assert (export.pages, export.problems, export.without_zone) == ([WHOLE], [], 0)


def test_only_the_time_must_be_there():
    assert read("at\n2026-11-24T03:00:30Z\n").pages == [PagerPage("pages.csv:2", AT)]
    assert read("id,at\n").pages == []


def test_times_that_name_no_zone():
    text = "id,at,resolved_at\nQ1,2026-11-24 04:00:30,2026-11-24T04:05:00\n"
    assert read(text).pages[0].at == AT.replace(hour=4)
    export = read(text, zone=ZoneInfo("Europe/Berlin"))
    assert (export.pages, export.without_zone) == ([PagerPage("Q1", AT, resolved_at=LATER)], 1)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("id,at\nQ1,\n", "pages.csv:2: at: empty; a page needs the time it was sent"),
        ("id,at\nQ1,11/24/2026 3:00\n", "pages.csv:2: at: '11/24/2026 3:00' is no time; write it as"),
        ("id,at\nQ1,2026-11-24\n", "pages.csv:2: at: '2026-11-24' is no time"),
        ("id,at\nQ1,270\n", "pages.csv:2: at: '270' is no time"),
        (f"id,at\nQ1,{'9' * 400}\n", "pages.csv:2: at: '9999"),
        ("at,resolved_at\n9999-12-31T23:59:59Z,99999\n", "pages.csv:2: resolved_at: '99999' is no time"),
        (
            "id,at,title\nQ1,2026-11-24T03:00:30Z,a,b\n",
            "pages.csv:2: 4 cells where the header has 3; put a cell",
        ),
        ('id,at\n"Q1,2026-11-24T03:00:30Z\n', "pages.csv:2: no CSV (unexpected end of data)"),
        ('id,at\n"Q"1,2026-11-24T03:00:30Z\n', "pages.csv:2: no CSV ("),
        ('{"at": 1795489230}\n\n{"at": \n', "pages.csv:3: not JSON (Expecting value"),
        ('[{"at": 1795489230}]\n', "pages.csv:1: no JSON object; write one object a line, such as `jq -c"),
    ],
)
def test_bad_lines_are_named_with_the_mend(text, problem):
    (told,) = read(text).problems
    assert told.startswith(problem)


def test_all_bad_lines_are_told_and_the_good_ones_read():
    export = read("id,at\nQ1,x\nQ2,2026-11-24T03:00:30Z\nQ3,\n")
    assert [problem.split(": ")[0] for problem in export.problems] == ["pages.csv:2", "pages.csv:4"]
    assert [page.id for page in export.pages] == ["Q2"]


@pytest.mark.parametrize(
    ("text", "columns", "words"),
    [
        (
            "id,sent\nQ1,x\n",
            "",
            "pages.csv:2: no column says when a page was sent; name it: --columns at=HEADER",
        ),
        ("id,at,whom\nQ1,x,y\n", "to=who", "there is no column 'who' for `to`; did you mean whom?"),
        ("id,at\n", "when=at", "'when' is nothing that we read of an export; choose of id, at, title"),
        ("id,at\n", "titel=x", "did you mean title?"),
        ("id,at\n", "at", "'at' is no column; write FIELD=HEADER"),
        (" \n", "", "pages.csv: it is empty, without even a header"),
        ("id,at\n", "at=", "'at=' is no column"),
    ],
)
def test_columns_that_are_not_there(text, columns, words):
    with pytest.raises(PagerExportError, match=re.escape(words)):
        read(text, columns)


@given(st.text() | st.text(alphabet='{}[]":,;\n\r0129-TZatid é'))
def test_whatever_a_file_holds_it_is_read_or_told(text):
    try:
        told = read(text).problems
    except PagerExportError as error:
        told = [str(error)]
    assert all(problem.startswith("pages.csv:") for problem in told)
