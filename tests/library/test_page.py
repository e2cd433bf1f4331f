"""Pages: what is read of a good one, and where exactly a bad one is wrong."""

from datetime import timedelta

import pytest

from app.library.compile import compile_library
from app.library.lint import lint
from app.library.problems import LibraryError
from app.model.words import PageWhen, Phase
from tests.library.texts import DESIGN_PAGE, MANIFESTS, step

DESCRIBE = ("action: kubernetes.describe", "with: {namespace: shop, pod: cart-1}")
QUIET = "wait: {until: incident.firing == 0, timeout: 8m}"


def problems(text, path="page.md"):
    return [each for each in lint({**MANIFESTS, path: text}) if each.path == path]


def read(text, path="page.md"):
    (page,) = compile_library({**MANIFESTS, path: text}).runbooks.values()
    return page


def test_a_whole_page():
    page = read(DESIGN_PAGE, "anything.md")
    assert (page.id, page.title, page.owner, page.escalation) == (
        "kube-pod-crash-looping",
        "Pod is crash looping",
        "platform",
        "platform",
    )
    assert (page.page.when, page.page.after) == (PageWhen.AFTER, timedelta(minutes=3))
    assert [str(each) for each in page.match.alternatives[0]] == [
        'alertname="KubePodCrashLooping"',
        'severity=~"warning|critical"',
    ]
    look, undo, quiet = page.steps
    assert [(each.id, each.phase) for each in page.steps] == [
        ("last_state", Phase.DIAGNOSIS),
        ("undo_deploy", Phase.MITIGATION),
        ("quiet", Phase.VERIFICATION),
    ]
    assert (look.timeout, look.retry.attempts, look.retry.initial, look.retry.exponential) == (
        timedelta(seconds=30),
        3,
        timedelta(seconds=2),
        True,
    )
    assert (undo.needs, undo.approval.sources) == (("last_state",), ("platform",))
    assert (quiet.wait.until.source, quiet.wait.hold, quiet.wait.timeout) == (
        "incident.firing == 0",
        timedelta(minutes=2),
        timedelta(minutes=8),
    )
    (task,) = page.follow_ups
    assert (task.text, task.owner, task.due) == (
        "Raise the memory limit or fix the leak",
        "service",
        timedelta(days=5),
    )
    assert {each.level for each in problems(DESIGN_PAGE)} == {"advice"}


def test_a_folder_of_the_prometheus_community_loads_as_it_is():
    text = "# KubePodCrashLooping\n\n## Meaning\n\nIt restarts.\n\n## Mitigation\n\n```yaml\nkind: Pod\n```\n"
    page = read(text, "kubernetes/KubePodCrashLooping.md")
    assert (page.id, page.title, page.is_checklist) == ("KubePodCrashLooping", "KubePodCrashLooping", True)
    hugo = "---\ntitle: Kube Pod\nweight: 20\n---\n# Kube Pod\n"
    assert problems(hugo) == [], "front matter of another tool is its own business on a page without steps"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "---\n---\n",
        "---\nid: x\n---",
        step(*DESCRIBE),
        step(*DESCRIBE).replace("\n", "\r\n"),
        step(*DESCRIBE, "if: ${{ incident.firing > 0 }}"),
        step(QUIET, phase="Verification:"),
        step(QUIET, phase="VERIFICATION"),
        step(*DESCRIBE, front="---\npage: at-once\nmode: auto\nbudget: 1h30m\npriority: -3\n---\n"),
        "## Follow-up\n- [x] done\n- no task\n",
    ],
)
def test_fine(text):
    assert problems(text) == []


def test_a_yaml_1_2_no_is_a_text():
    page = read("---\nowner: platform\ntitle: no\nid: on\n---\n")
    assert (page.title, page.id) == ("no", "on")


@pytest.mark.parametrize("rest", ["## Meaning\n", step(*DESCRIBE)], ids=["a checklist", "with a step"])
def test_front_matter_that_is_not_closed_is_pointed_out(rest):
    (found,) = problems("\n---\ntitle: A\nmatch: ['a=\"b\"']\n" + rest)
    assert (found.line, found.level, found.mend) == (2, "advice", "end it with a line of ---")
    assert problems("---\nWords between two lines across the page\n") == []


@pytest.mark.parametrize(
    ("line", "meant"), [("severity==critical", 'severity="critical"'), ("team !== shop", 'team!="shop"')]
)
def test_a_matcher_that_compares_as_programs_do_is_pointed_out(line, meant):
    (found,) = problems(f"---\nmatch: ['{line.replace(' ', '')}']\n---\n" + step(*DESCRIBE))
    assert (found.line, found.column, found.level) == (2, 9, "advice")
    assert meant in found.mend
    assert problems("---\nmatch: ['severity=\"=x\"']\n---\n" + step(*DESCRIBE)) == []


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        # front matter
        ("---\nid: [\n---\n" + step(*DESCRIBE), 3, 1, "YAML"),
        ("---\nid: a\nid: b\n---\n" + step(*DESCRIBE), 3, 1, "'id' is given twice"),
        ("---\nprioritty: 3\n---\n" + step(*DESCRIBE), 2, 1, "did you mean 'priority'?"),
        ("---\npriority: high\n---\n" + step(*DESCRIBE), 2, 11, "no whole number"),
        ("---\nmatch: ['alertname']\n---\n", 2, 9, "not a matcher"),
        ("---\nmatch: ['alertname=~\"(\"']\n---\n", 2, 9, "does not compile"),
        ("---\nmode: fast\n---\n" + step(*DESCRIBE), 2, 7, "one of: shadow"),
        ("---\npage: soon\n---\n" + step(*DESCRIBE), 2, 7, "at-once, on-failure, or after 3m"),
        ("---\npage: after 99999999d\n---\n" + step(*DESCRIBE), 2, 7, "is unknown"),
        ("---\npage: after 0s\n---\n" + step(*DESCRIBE), 2, 7, "is unknown"),
        ("---\nbudget: 10\n---\n" + step(*DESCRIBE), 2, 9, "with its units"),
        ("---\nowner: platfrom\n---\n" + step(*DESCRIBE), 2, 8, "did you mean 'platform'?"),
        ("---\nescalation: nobody\n---\n" + step(*DESCRIBE), 2, 13, "there is no policy 'nobody'"),
        # where a step stands
        (step(*DESCRIBE, phase="Meaning"), 2, 1, "stands under 'Meaning'"),
        ("```yaml step=a\naction: x\n```\n", 1, 1, "before any heading"),
        ("## Diagnosis\n```yaml\naction: kubernetes.describe\n```\n", 2, 1, "has no step="),
        ("## Diagnosis\n```YAML\naction: kubernetes.describe\n```\n", 2, 1, "has no step="),
        ("## Diagnosis\n```YAML step=h\naction: nothing.known\n```\n", 3, 9, "nothing.known"),
        (step(*DESCRIBE, id_="Look-1"), 2, 1, "[a-z][a-z0-9_]*"),
        (step(*DESCRIBE) + step(*DESCRIBE), 7, 1, "is there twice"),
        (step(), 2, 1, "step look is empty"),
        # what a step says
        (step("timeout: 3s"), 3, 1, "either action: or wait:"),
        (step(*DESCRIBE, QUIET), 3, 1, "either action: or wait:"),
        (step(*DESCRIBE, "timeuot: 3s"), 5, 1, "did you mean 'timeout'?"),
        (step(*DESCRIBE, "timeout: 3"), 5, 10, "is no duration"),
        (step(*DESCRIBE, "timeout: 0s"), 5, 10, "timeout is zero"),
        (step(*DESCRIBE, "timeout: 400d"), 5, 10, "is no duration"),
        (step(*DESCRIBE, "retry: {attempts: 0}"), 5, 19, "from 1 to 20"),
        (step(*DESCRIBE, "retry: {backoff: linear}"), 5, 18, "'linear' is unknown"),
        (step(*DESCRIBE, "needs: [nothing]"), 5, 9, "no step of this page"),
        (step(*DESCRIBE, "needs: [look]"), 2, 1, "break the cycle"),
        (step("action: kubernetes.descripe", "with: {}"), 3, 9, "did you mean 'kubernetes.describe'?"),
        (step("action: kubernetes.describe", "with: {pod: a}"), 4, 7, "needs namespace (string)"),
        (step("action: kubernetes.describe", "with: {namespace: a, pod: b, pot: c}"), 4, 30, "did you mean 'pod'?"),
        (step("action: kubernetes.describe", "with: {namespace: a, pod: 3}"), 4, 22, "with.pod is no string"),
        (step("action: kubernetes.describe", "with: {namespace: a, pod: b, tail: x}"), 4, 30, "no integer"),
        (step("action: kubernetes.describe", "with: {namespace: a, pod: [[c]]}"), 4, 28, "nested too deep"),
        (step("wait: {timeout: 3m}"), 3, 7, "needs until:"),
        (step("wait: {until: 'true'}"), 3, 7, "needs timeout:"),
        (step("wait: {until: 'true', for: 3m, timeout: 3m}"), 3, 7, "not shorter than timeout"),
        (step(QUIET, "with: {a: 1}"), 4, 7, "a wait takes no with:"),
        # expressions
        (step(*DESCRIBE, "if: incident.firing ="), 5, 5, "it is no CEL expression"),
        (step(*DESCRIBE, "if: alert.name == 'x'"), 5, 5, "'alert' is unknown"),
        (step(*DESCRIBE, "if: incident.sevrity == 'x'"), 5, 5, "did you mean 'severity'?"),
        (step(*DESCRIBE, "if: steps.never.status == 'failed'"), 5, 5, "steps.never, which is no step"),
        (step("action: kubernetes.describe", "with: {namespace: a, pod: '${{ trigger.labels.pod'}"), 4, 27, "not closed"),
        ("---\nmatch: ['a=\"b\"']\n---\n## Meaning\nIn `${{ trigger.lables.pod }}`.\n", 5, 5, "did you mean 'labels'?"),
        # tasks
        ("---\nmatch: ['a=\"b\"']\n---\n## Follow-up\n- [ ] mend {due=soon}\n", 5, 1, "write {owner=service due=5d}"),
        ("---\nmatch: ['a=\"b\"']\n---\n## Follow-up\n- [ ] mend {due=3661d}\n", 5, 1, "write {owner=service due=5d}"),
    ],
)  # fmt: skip
def test_mistakes_are_pointed_at(text, line, column, words):
    found = problems(text)
    assert [(each.line, each.column) for each in found if words in str(each)] == [(line, column)], found
    with pytest.raises(LibraryError):
        compile_library({**MANIFESTS, "page.md": text})


def test_lines_count_from_the_top_of_the_file_also_with_windows_line_ends():
    text = step(*DESCRIBE, "timeout: 3", front="---\nid: x\n---\n")
    (unix,), (windows,) = problems(text), problems(text.replace("\n", "\r\n"))
    assert (unix.line, windows.line) == (8, 8)


def test_phases_may_not_need_later_ones():
    text = step(*DESCRIBE, "needs: [quiet]") + step(QUIET, id_="quiet", phase="Verification")
    assert "is of a later phase" in str(problems(text)[0])


def test_cycles_name_every_step_of_them():
    text = step(*DESCRIBE, "needs: [b]", id_="a") + step(*DESCRIBE, "needs: [a]", id_="b")
    assert [each.line for each in problems(text)] == [2, 8]


def test_every_mistake_of_every_file_at_once():
    files = {
        **MANIFESTS,
        "a.md": step(*DESCRIBE, "timeout: 3", "if: nope"),
        "b.md": "---\nmatch: [x]\n---\n",
        "c.yaml": "teams: [\n",
    }
    assert [(each.path, each.line) for each in lint(files)] == [
        ("a.md", 5),
        ("a.md", 6),
        ("b.md", 2),
        ("c.yaml", 2),
    ]


def test_two_pages_for_the_same_alerts():
    page = "---\nmatch: ['alertname=\"A\"', 'severity=\"x\"']\n---\n"
    turned = "---\nmatch: ['severity=\"x\"', 'alertname=\"A\"']\n---\n"
    (found,) = lint({"a.md": page, "b.md": turned})
    assert (found.path, found.line) == ("b.md", 2)
    assert "a.md" in found.message
    assert lint({"a.md": page, "b.md": turned.replace("---\nmatch", "---\npriority: 1\nmatch")}) == []


def test_ids_differ_ignoring_case():
    (found,) = lint({"x/Crash.md": "", "y/crash.md": ""})
    assert "x/Crash.md" in found.message


def test_a_page_of_very_many_steps_is_refused():
    text = "".join(step(*DESCRIBE, id_=f"s{number}") for number in range(201))
    assert [each.message for each in problems(text)] == ["the page has more than 200 steps"]
