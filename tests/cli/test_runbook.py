"""`oncall runbook test`, `run`, `new`, `actions` and `show`: what they print, and how they end."""

import json

import pytest

from tests.rehearse.estate import FILES, GIVEN
from tests.rehearse.test_play import GOOD

ALERT = {"labels": {"alertname": "Rich", "severity": "warning", "service": "cart"}}


def cases(*texts):
    named = [text.replace("name: x", f"name: case {number}") for number, text in enumerate(texts)]
    return GIVEN + "".join("  - " + text.replace("\n", "\n    ") + "\n" for text in named)


@pytest.fixture
def folder(tmp_path):
    for path, text in FILES.items():
        (tmp_path / path).write_text(text)
    (tmp_path / "rich.test.yaml").write_text(cases(GOOD["approved in time"]))
    return tmp_path


def test_good_cases_end_well(oncall, folder):
    result = oncall("runbook", "test", folder)
    assert result.exit_code == 0
    assert result.stdout.startswith("rich.md\n  ok ")
    assert "1 cases of 1 pages" in result.stderr
    assert "all good" in result.stderr


def test_a_bad_case_is_shown_with_its_line_and_ends_badly(oncall, folder):
    (folder / "rich.test.yaml").write_text(
        cases(GOOD["approved in time"].replace("incident: resolved", "incident: mitigated"))
    )
    result = oncall("runbook", "test", folder)
    assert result.exit_code == 1
    assert "FAILED" in result.stdout
    assert (
        "      rich.test.yaml:13: incident\n          expected  mitigated\n          got       resolved (alerts_resolved)\n"
        in result.stdout
    )


def test_the_story_is_told_when_asked(oncall, folder):
    assert "StepApproved (by_person)" in oncall("runbook", "test", folder, "--story").stdout
    assert "StepApproved" not in oncall("runbook", "test", folder).stdout


def test_what_no_case_reaches_or_notices_ends_badly(oncall, folder):
    result = oncall("runbook", "test", folder, "--coverage", "--mutate")
    assert result.exit_code == 1
    assert "no case: rich.md:" in result.stdout
    assert "pods times out" in result.stdout
    assert "unnoticed: rich.md:" in result.stdout
    assert "mutants that no case notices" in result.stderr


@pytest.mark.parametrize("option", ["--coverage", "--mutate"])
def test_a_page_without_any_case_is_not_passed_over(oncall, folder, option):
    result = oncall("runbook", "test", folder, option)
    assert result.exit_code == 1
    assert "no case: drain.md:" in result.stdout
    assert "drain.md" not in oncall("runbook", "test", folder).stdout


def test_json_has_it_all_in_one_document(oncall, folder):
    result = oncall("runbook", "test", folder, "--coverage", "--mutate", "--json")
    said = json.loads(result.stdout)
    assert [each["name"] for each in said["cases"]] == ["case 0"]
    assert said["cases"][0]["good"] is True
    assert {"line": 8, "step": "pods", "what": "times out"} in said["coverage"]["rich"]["missed"]
    assert said["mutants"]["rich"]["mutants"] > len(said["mutants"]["rich"]["alive"]) > 0


def test_mistakes_of_tests_are_told_with_their_places(oncall, folder):
    (folder / "rich.test.yaml").write_text(cases(GOOD["approved in time"].replace("scale", "skale")))
    result = oncall("runbook", "test", folder)
    assert result.exit_code == 1
    assert "rich.test.yaml:" in result.stderr
    assert "did you mean 'scale'?" in result.stderr
    assert "oncall: the tests have mistakes:" in result.stderr


def test_a_page_a_test_or_a_folder_chooses(oncall, folder):
    (folder / "drain.test.yaml").write_text(
        "given: {alert: {alertname: Drain}}\ncases: [{name: d, expect: {commands: []}}]\n"
    )
    for path in ("drain.md", "drain.test.yaml"):
        result = oncall("runbook", "test", folder / path, "--runbooks", folder)
        assert (result.exit_code, "1 cases of 1 pages" in result.stderr) == (0, True)
    assert "2 cases of 2 pages" in oncall("runbook", "test", "--runbooks", folder).stderr


def test_what_is_not_there_is_named(oncall, folder, tmp_path_factory):
    assert "there is no such file" in oncall("runbook", "test", folder / "nothing.md").stderr
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "x.md"
    elsewhere.write_text("x")
    assert "is not in" in oncall("runbook", "test", elsewhere, "--runbooks", folder).stderr
    (folder / "rich.test.yaml").unlink()
    assert "there is no test" in oncall("runbook", "test", folder).stderr


def test_tests_are_no_part_of_the_library(oncall, folder):
    before = json.loads(oncall("runbook", "list", "--runbooks", folder, "--json").stdout)
    assert {each["id"] for each in before} == {"rich", "look-closer", "drain", "only-look", "list"}
    assert oncall("runbook", "lint", folder).exit_code == 0


def test_a_dry_run_says_what_would_be_sent(oncall, folder):
    result = oncall("runbook", "run", "--dry-run", "-", "--runbooks", folder, stdin=json.dumps(ALERT))
    assert result.exit_code == 0
    assert result.stdout.startswith("Runbook  rich: its `match` fits best [match]\nAssumed  pods gives")
    assert "SENDS step-commands.shadow run pods: k.look(what='pods'), read" in result.stdout
    said = json.loads(
        oncall(
            "runbook", "run", "--dry-run", "-", "--runbooks", folder, "--json", stdin=json.dumps(ALERT)
        ).stdout
    )
    assert (said["runbook"], said["lines"][0]["name"]) == ("rich", "IncidentOpened")


@pytest.mark.parametrize(
    ("stdin", "told"),
    [
        ("{", "not JSON"),
        ('{"opened_at": "yesterday"}', "no incident"),
        ('"alert"', "an alert is an object"),
        ('{"labels": {}}', "labels"),
        ("[]", "no alert"),
        ('{"labels": {"a": " "}}', "labels"),
    ],
)
def test_a_dry_run_of_something_else_is_refused_in_words(oncall, folder, stdin, told):
    result = oncall("runbook", "run", "--dry-run", "-", "--runbooks", folder, stdin=stdin)
    assert (result.exit_code, told in result.stderr) == (1, True)
    assert result.stderr.count("\n") == 1


def test_a_run_that_is_no_dry_run_is_refused(oncall, folder):
    result = oncall("runbook", "run", "-", "--runbooks", folder, stdin=json.dumps(ALERT))
    assert (result.exit_code, "--dry-run" in result.stderr) == (2, True)


def test_a_new_page_passes_lint_and_test_and_is_not_written_over(oncall, folder):
    result = oncall("runbook", "new", "DiskFull", "--into", folder, "--runbooks", folder, "--owner", "data")
    assert result.exit_code == 0
    assert "owner: data" in (folder / "disk-full.md").read_text()
    assert oncall("runbook", "lint", folder).exit_code == 0
    tested = oncall(
        "runbook", "test", folder / "disk-full.md", "--runbooks", folder, "--coverage", "--mutate"
    )
    assert tested.exit_code == 0, tested.stdout
    before = (folder / "disk-full.md").read_text()
    assert (
        "there is a page disk-full already"
        in oncall("runbook", "new", "DiskFull", "--into", folder, "--runbooks", folder).stderr
    )
    assert (folder / "disk-full.md").read_text() == before


def test_new_refuses_what_makes_no_page(oncall, folder):
    assert "no alertname" in oncall("runbook", "new", "../x", "--runbooks", folder).stderr
    assert "no team" in oncall("runbook", "new", "X", "--runbooks", folder, "--owner", "nobody").stderr
    assert (
        "no such folder"
        in oncall("runbook", "new", "X", "--runbooks", folder, "--into", folder / "no").stderr
    )
    (folder / "x.md").mkdir()
    assert "is there already" in oncall("runbook", "new", "X", "--runbooks", folder, "--into", folder).stderr


def test_actions_are_listed_with_json_schemas(oncall, folder):
    said = {
        each["id"]: each
        for each in json.loads(oncall("runbook", "actions", "--runbooks", folder, "--json").stdout)
    }
    assert said["k.drain"]["targets"] == "nodes"
    assert said["k.drain"]["schema"]["properties"]["nodes"]["type"] == "array"
    assert said["k.look"]["schema"]["required"] == []
    assert said["k.scale"]["schema"]["properties"] == {"replicas": {"type": "integer"}}
    assert "what?: string" in oncall("runbook", "actions", "--runbooks", folder).stdout


def test_a_page_is_shown_as_text_chart_and_picture(oncall, folder, tmp_path):
    shown = oncall("runbook", "show", "rich", "--runbooks", folder)
    assert "page look-closer" in shown.stdout
    assert oncall("runbook", "show", "rich", "--runbooks", folder, "--graph").stdout.startswith(
        "flowchart TD\n"
    )
    file = tmp_path / "page.svg"
    assert oncall("runbook", "show", "rich", "--runbooks", folder, "--svg", file).exit_code == 0
    assert file.read_text() == oncall("runbook", "show", "rich", "--runbooks", folder, "--svg", "-").stdout
    assert oncall("runbook", "show", "rich", "--runbooks", folder, "--svg", file, "--graph").exit_code == 2
