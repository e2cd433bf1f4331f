"""A folder of plain pages, as people have them already, loads as it is."""

from pathlib import Path

import pytest

from app.core.render import render_prose
from app.core.selection import select
from app.library.compile import compile_library
from app.library.folder import read_folder
from app.library.lint import lint
from app.model.evidence import AlertView
from tests.library.texts import step

FOLDER = Path(__file__).parent / "foreign"
FILES = read_folder(FOLDER)


def test_it_loads_with_advice_and_no_mistake():
    assert {each.level for each in lint(FILES)} == {"advice"}


def test_every_page_is_a_checklist_under_the_name_of_its_alert():
    runbooks = compile_library(FILES).runbooks
    assert all(page.is_checklist for page in runbooks.values())
    assert {page.id: page.title for page in runbooks.values()} == {
        "AlertmanagerFailedReload": "AlertmanagerFailedReload",
        "InfoInhibitor": "InfoInhibitor",
        "KubeJobFailed": "Kube Job Failed",
        "KubeNodeNotReady": "Kube Node Not Ready",
        "KubePodCrashLooping": "Kube Pod Crash Looping",
        "KubePodNotReady": "Kube Pod Not Ready",
        "NodeClockSkew": "NodeClockSkewDetected",
        "NodeNotReachable": "Node not reachable",
        "Watchdog": "Watchdog",
        "cpu-throttling": "CPUThrottlingHigh",
        "etcdMembersDown": "etcdMembersDown",
    }


def test_tables_of_contents_are_no_runbooks():
    assert not [page for page in compile_library(FILES).runbooks.values() if page.path.endswith("_index.md")]
    text = step("manual: look")
    assert list(compile_library({"nodes/_index.md": text}).runbooks) == ["nodes"], "with steps they are"


def test_text_of_other_tools_stays_as_it_is():
    library = compile_library(FILES)
    body = library.runbooks["KubePodCrashLooping"].body
    assert render_prose(body, {}) == body.source
    assert "${{ secrets.DEPLOY_TOKEN }}" in body.source
    assert "{{< tabs" in body.source
    assert (
        library.runbooks["AlertmanagerFailedReload"].body.source
        in FILES["alertmanager/AlertmanagerFailedReload.md"]
    )


def test_the_advice_is_what_a_reader_would_want_to_know():
    told = {str(each).split(": advice: ")[0]: each.message for each in lint(FILES)}
    assert told == {
        "alertmanager/AlertmanagerFailedReload.md:11:42": "a ${{ is not closed; end it with }}",
        "kubernetes/CPUThrottlingHigh.md:6:7": "page: '7' is unknown",
        "kubernetes/CPUThrottlingHigh.md:7:7": "mode: 'wide' is unknown",
        "kubernetes/KubeJobFailed.md:2:8": "title is no text",
        "kubernetes/KubeJobFailed.md:2:9": "a key is no plain text",
        "kubernetes/KubeJobFailed.md:11:72": "kubernetes/KubeJobFailed.md has no heading #what-to-do",
        "kubernetes/KubePodCrashLooping.md:7:11": "priority is no whole number from -1000 to 1000",
        "kubernetes/KubePodCrashLooping.md:36:10": "'secrets' is unknown; an expression reads incident, trigger, steps, inputs",
        "kubernetes/KubePodCrashLooping.md:39:9": "'github' is unknown; an expression reads incident, trigger, steps, inputs",
        "kubernetes/KubePodCrashLooping.md:44:1": "'when=soon' says nothing about a task",
        "node/NodeNotReachable.md:17:1": "a yaml fence with an action has no step=",
        "node/NodeNotReachable.md:24:12": "the link leads to wiki/old-page.md, which is not in the folder",
    }


def test_a_mistake_in_an_expression_leaves_the_others_of_the_page_alone():
    text = "# A\n`${{ trigger.labels.pod }}` in `${{ github.ref }}`\n"
    body = compile_library({"a.md": text}).runbooks["a"].body
    names = {"trigger": {"labels": {"pod": "cart-1"}}}
    assert render_prose(body, names) == "# A\n`cart-1` in `${{ github.ref }}`\n"


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("---\npriority: P1\n---\n# A\n", "advice"),
        ("---\npriority: P1\nmatch: ['a=\"b\"']\n---\n# A\n", "error"),
        ("---\npriority: P1\n---\n" + step("manual: look"), "error"),
        ("```yaml\naction: drop\n```\n", "advice"),
        ("```yaml\naction: kubernetes.describe\n```\n", "error"),
    ],
)
def test_what_is_written_for_this_service_is_held_to_its_rules(text, level):
    actions = {"x.yaml": "actions: {kubernetes.describe: {effect: read}}"}
    assert [each.level for each in lint({**actions, "a.md": text})] == [level]


def test_a_slip_in_the_front_matter_is_pointed_out():
    (found,) = lint({"a.md": "---\nmacth: ['a=\"b\"']\nweight: 3\n---\n# A\n"})
    assert (found.line, found.level, found.mend) == (2, "advice", "did you mean 'match'?")


def test_of_several_plain_pages_with_one_name_the_first_counts():
    files = {"x/Crash.md": "# First\n", "y/Crash.md": "# Second\n"}
    (found,) = lint(files)
    assert (found.path, found.level) == ("y/Crash.md", "advice")
    assert compile_library(files).runbooks["Crash"].title == "First"
    (found,) = lint({**files, "y/Crash.md": step("manual: look")})
    assert found.level == "error"


def test_a_secret_is_a_mistake_in_any_page():
    (found,) = lint({"a.md": "# A\n    aws configure set aws_access_key_id AKIAQ3EGUTZZ7KLMNOPQ\n"})
    assert (found.level, found.line, found.column) == ("error", 2, 41)


@pytest.mark.parametrize(
    "name", ["KubeNodeNotReady", "KubePodCrashLooping", "NodeNotReachable", "EtcdMembersDown"]
)
def test_alerts_find_their_page_by_its_name(name):
    alert = AlertView(
        fingerprint="f", name=name, status="firing", severity="warning", labels={"alertname": name}
    )
    chosen = select(alert, compile_library(FILES)).runbook
    assert chosen is not None
    assert chosen.id.casefold() == name.casefold()
