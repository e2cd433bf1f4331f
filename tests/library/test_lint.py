"""What lint finds besides what cannot be read: what can never work, what is dangerous, what leads nowhere."""

import pytest

from app.library.lint import lint
from tests.library.texts import FULL, step

NODE = ("action: kubernetes.node", "with: {node: a}")
DRAIN = ("action: kubernetes.drain", "with: {node: a}", "timeout: 1m")
CORDON = ("action: kubernetes.cordon", "with: {node: a}")
QUIET = "wait: {until: incident.firing == 0, timeout: 5m}"
LOOK = step(*NODE)
"""A page's first step; what follows begins on line 6."""


def problems(text, files=FULL, path="page.md"):
    return [each for each in lint({**files, path: text}) if each.path == path]


def after(*lines, phase="Mitigation", id_="second"):
    return LOOK + step(*lines, phase=phase, id_=id_)


@pytest.mark.parametrize(
    ("text", "line", "column", "level", "words"),
    [
        # fields and kinds
        (step(*NODE, "continue_on_error: true"), 5, 1, "error", "did you mean 'continue-on-error'?"),
        (step(*NODE, "on_failure: true"), 5, 1, "error", "did you mean 'on-failure'?"),
        (step(*NODE, "uses: other"), 3, 1, "error", "exactly one of them"),
        (step("manual: look", "with: {a: 1}"), 4, 7, "error", "a step with manual: takes no with:"),
        (step("manual: [look]"), 3, 9, "error", "manual is no text"),
        (step("manual: look", "retry: {attempts: 2}"), 4, 8, "error", "takes no retry:"),
        (step(QUIET, "timeout: 1m"), 4, 10, "error", "say it within wait:"),
        (step(*NODE, "dry-run: maybe"), 5, 10, "error", "neither true nor false"),
        (step(*NODE, "outputs: [a]"), 5, 10, "error", "outputs is no map"),
        # steps that never run
        (step(*NODE, "if: false"), 5, 5, "error", "never runs: its if: is always false"),
        (step(*NODE, "if: 1 > 2 || 'a' == 'b'"), 5, 5, "error", "always false"),
        (step(*NODE, "if: false && incident.firing > 1"), 5, 5, "error", "always false"),
        (step(*NODE, "if: true"), 5, 5, "advice", "always true; take it out"),
        (step(*NODE, "if: 3"), 5, 5, "error", "gives 3, neither true nor false"),
        (step(*NODE, "if: false") + step(*NODE, "needs: [look]", id_="b"), 11, 8, "error", "b never runs: it needs look, which never succeeds"),
        (step("wait: {until: 'false', timeout: 5m}"), 3, 7, "error", "never succeeds: what it waits for can never hold"),
        (step(*CORDON, "on-failure: true") + step(*NODE, "needs: [look]", id_="b"), 11, 8, "error", "which is only for failures"),
        (step(*CORDON, "on-failure: true", "needs: [look]"), 6, 8, "error", "only for failures takes no needs:"),
        (step("manual: look", "on-failure: true", "continue-on-error: true"), 5, 20, "error", "takes no continue-on-error:"),
        (step("wait: {until: incident.firing == 0, timeout: 6m}", "on-failure: true"), 1, 1, "advice", "may take 6m, and they have 5m"),
        # conditions that cannot be
        (after(*NODE, "if: steps.look.status == 'success'"), 10, 5, "error", "never 'success'"),
        (after(*NODE, "if: \"'ok' != steps.look.status\""), 10, 5, "error", "never 'ok'"),
        (after(*NODE, "if: steps.look.status in ['succeeded', 'okay']"), 10, 5, "error", "never 'okay'"),
        (after(*NODE, "if: steps.look.status == 'failed'"), 10, 5, "advice", "give look continue-on-error: true"),
        (after(*NODE, "if: steps['look'].status == 'rolled_back'"), 10, 5, "advice", "mark this step on-failure: true"),
        # names
        (after(*NODE, "if: steps.lok.output.x == 1"), 10, 5, "error", "did you mean 'look'?"),
        (after(*NODE, "if: steps['lok'].output.x == 1"), 10, 5, "error", "did you mean 'look'?"),
        (after(*NODE, "if: steps.look.ouput.x == 1"), 10, 5, "error", "did you mean 'output'?"),
        (after(*NODE, "if: steps.look.outputs.x == 1"), 10, 5, "error", "give step look outputs:"),
        (after(*NODE, "if: steps.look.items.size() > 1"), 10, 5, "error", "look has no foreach:"),
        (after(*NODE, "if: inputs.node == 'a'"), 10, 5, "error", "say it under inputs:"),
        (after(*NODE, "if: item == 'a'"), 10, 5, "error", "'item' is known only in the fields of a step with foreach:"),
        (after(*NODE, "if: output.a == 'a'"), 10, 5, "error", "'output' is known only in outputs: and probe.done:"),
        (step(*NODE, "foreach: \"['a']\"", "if: item == 'a'"), 6, 5, "error", "'item' is known only"),
        (after(*NODE, "if: now() == incident.id"), 10, 5, "error", "there is no function 'now'"),
        (after(*NODE, "if: trigger.name.startswith('x')"), 10, 5, "error", "did you mean 'startsWith'?"),
        (LOOK + "In `${{ steps.lok.output.x }}`.\n", 6, 5, "error", "the page reads steps.lok"),
        (step(*NODE, "if: steps.second.output.x == 1") + step(*NODE, id_="second"), 5, 5, "error", "add it: needs: [second]"),
        (step("action: kubernetes.node", "with: {node: '${{ steps.look.output.x }}'}"), 4, 14, "error", "may not be over"),
        ("---\ninputs: {node: string}\n---\n" + after(*NODE, "if: inputs.nod == ''"), 13, 5, "error", "did you mean 'node'?"),
        # inputs and outputs of a page
        ("---\ninputs: {Node: string}\n---\n" + LOOK, 2, 10, "error", "no name of an input"),
        ("---\ninputs: {node: text}\n---\n" + LOOK, 2, 16, "error", "'text' is no type"),
        ("---\ninputs: {node: {type: integer, default: x}}\n---\n" + LOOK, 2, 41, "error", "the default of input node is no integer"),
        ("---\ninputs: {node: {kind: integer}}\n---\n" + LOOK, 2, 17, "error", "has no 'kind'"),
        ("---\nmatch: ['a=\"b\"']\ninputs: {node: string}\n---\n" + LOOK, 3, 10, "error", "could not be started"),
        ("---\noutputs: {x: steps.lok.status}\n---\n" + LOOK, 2, 14, "error", "did you mean 'look'?"),
        ("---\nbudget: 0s\n---\n" + LOOK, 2, 9, "error", "budget is zero"),
        # approvals
        (step(*CORDON, "approval: {from: platfrom}"), 5, 18, "error", "did you mean 'platform'?"),
        (step(*CORDON, "approval: {from: 'user:alise'}"), 5, 18, "error", "did you mean 'alice'?"),
        (step(*CORDON, "approval: {from: 'schedule:x'}"), 5, 18, "error", "cannot agree"),
        (step(*CORDON, "approval: {from: empty}"), 5, 18, "error", "team empty has no members"),
        (step(*CORDON, "approval: {from: platform, count: 3}"), 5, 35, "error", "3 people are to agree, and there are 2"),
        (step(*CORDON, "approval: {from: platform, otherwise: retry}"), 5, 39, "error", "otherwise: 'retry' is unknown"),
        (step(*CORDON, "approval: {from: platform, otherwhise: skip}"), 5, 28, "error", "did you mean 'otherwise'?"),
        (step(*NODE, "approval: {from: platform}"), 5, 11, "advice", "nobody is asked"),
        (step(*CORDON, "approval: yes"), 5, 11, "error", "is no map"),
        # probes, rollbacks, foreach
        (step(*CORDON, "probe: {action: kubernetes.node, with: {node: a}, done: output.n}"), 5, 8, "error", "only of a change"),
        (step(*DRAIN, "probe: {action: kubernetes.cordon, with: {node: a}, done: output.n}"), 6, 17, "error", "a probe only looks"),
        (step(*DRAIN, "probe: {action: kubernetes.node, with: {node: a}}"), 6, 8, "error", "a probe needs done:"),
        (step(*DRAIN, "probe: {action: kubernetes.node, done: output.n}"), 6, 17, "error", "kubernetes.node needs node"),
        (step(*DRAIN, "probe: {done: output.n}"), 6, 8, "error", "a probe needs action:"),
        (step(*DRAIN, "rollback: {action: kubernetes.uncordn, with: {node: a}}"), 6, 20, "error", "did you mean 'kubernetes.uncordon'?"),
        (step(*DRAIN, "rollback: {action: kubernetes.uncordon, with: {nod: a}}"), 6, 48, "error", "did you mean 'node'?"),
        (step(*DRAIN, "rollback: {action: kubernetes.node, with: {node: a}}"), 6, 20, "error", "takes nothing back"),
        (step(*DRAIN, "rollback: {action: kubernetes.uncordon, with: {node: a}, approval: true}"), 6, 58, "error", "a rollback has no 'approval'"),
        (step(*NODE, "rollback: {action: kubernetes.uncordon, with: {node: a}}"), 5, 11, "error", "there is nothing to take back"),
        (step(*DRAIN, "rollback: {action: kubernetes.uncordon, with: {node: a}}", phase="Follow-up"), 6, 11, "error", "never taken back"),
        (step(*NODE, "foreach: [a, b]"), 5, 10, "error", "write the list in CEL"),
        (step(*NODE, "foreach: \"'a'\""), 5, 10, "error", "which is no list"),
        (step(*NODE, 'foreach: "[]"'), 5, 10, "error", "goes over 0 items"),
        (step(*NODE, f'foreach: "{[1] * 101}"'), 5, 10, "error", "goes over 101 items"),
        (step(*NODE, "foreach: {concurrency: 2}"), 5, 10, "error", "foreach needs items:"),
        (step(*NODE, "foreach: {items: \"['a']\", concurrency: 0}"), 5, 40, "error", "from 1 to 100"),
        # time
        (step("action: kubernetes.drain", "with: {node: a}"), 3, 9, "advice", "say how long it may take"),
        (step(*NODE, "timeout: 11m"), 5, 10, "error", "may take 11m, and the budget is 10m"),
        (step("wait: {until: incident.firing == 0, timeout: 1h}"), 3, 7, "error", "may take 1h, and the budget is 10m"),
        ("---\nbudget: 6m\n---\n" + after(QUIET, phase="Verification") + step(*NODE, id_="last", phase="Follow-up"), 2, 9, "advice", "that is 7m"),
        (step(*NODE, "timeout: 4m", "retry: {attempts: 3}"), 1, 1, "advice", "that is 12m6s"),
        (step(*CORDON, "on-failure: true", "timeout: 6m"), 1, 1, "advice", "may take 6m, and they have 5m"),
        # headings and links
        ("## Diagnosys\n" + LOOK, 1, 1, "advice", "did you mean 'Diagnosis'?"),
        (step(*NODE, phase="Mitigations"), 2, 1, "error", "did you mean 'Mitigation'?"),
        (LOOK + "See [that](other.md).\n", 6, 12, "advice", "leads to other.md, which is not in the folder"),
        (LOOK + "See [that](../docs/other.md).\n", 6, 12, "advice", "leads out of the folder"),
        (LOOK + "See [that](#mitigation).\n", 6, 12, "advice", "no heading #mitigation"),
        (LOOK + "See [that](full.yaml), [it](#diagnosis), [x](nodes/).\n", 6, 46, "advice", "leads to nodes"),
        # Unicode
        (step(*NODE, id_="l\u043e\u043ek"), 2, 1, "error", r"'l\u043e\u043ek' is no step id"),
        (step(*NODE, id_="\uff4cook"), 2, 1, "error", "is no step id"),
        ("---\nid: n\u043ede\n---\n" + LOOK, 2, 5, "error", "mixes Latin letters with U+043E CYRILLIC SMALL LETTER O"),
        ('---\nid: "no\\u200bde"\n---\n' + LOOK, 2, 5, "error", "U+200B ZERO WIDTH SPACE"),
        (step(*NODE, "# \u202e }eurt :laworppa{"), 5, 3, "error", "changes the order in which the line is shown"),
    ],
)  # fmt: skip
def test_findings(text, line, column, level, words):
    found = problems(text)
    assert [(e.line, e.column, e.level) for e in found if words in str(e)] == [(line, column, level)], found


@pytest.mark.parametrize(
    "text",
    [
        after(*NODE, "if: steps.look.status == 'skipped'"),
        after(*NODE, "if: steps.look.status != 'failed'"),
        after(*NODE, "if: has(incident.labels.x)"),
        after(*NODE, "if: size(steps.look.output.pods.filter(p, p.node == trigger.labels.node)) > 0"),
        after(*NODE, "if: steps[trigger.name].status == 'succeeded'"),
        step(*NODE, "continue-on-error: true") + step(*NODE, "if: steps.look.status == 'failed'", "needs: [look]", id_="b"),
        LOOK + step("manual: look", "on-failure: true", "if: steps.look.status == 'failed'", id_="b"),
        LOOK + step(*CORDON, "on-failure: true", "if: steps.look.status == 'unknown'", id_="b"),
        step(*NODE, "if: false", id_="a").replace("if: false", "if: incident.firing > 1") + step(*NODE, "needs: [a]", id_="b"),
        step(*NODE, "foreach: \"['a', 'b']\"") + step(*NODE, "needs: [look]", "if: steps.look.items.all(i, i.status == 'succeeded')", id_="b"),
        step(*CORDON, "rollback: {action: kubernetes.uncordon, with: {node: '${{ steps.look.output.node }}'}}"),
        step(*CORDON, "approval: {from: [platform, 'user:alice'], count: 2}"),
        LOOK + "[a](#diagnosis) [b](page.md#diagnosis) [c](https://x/y.md#z) [d](mailto:a@b) [e](img/x.png) [f](/docs/x) [g](README.md)\n",
        LOOK + '## Was it `x`? (yes)\n## Again {#twice}\n[a](#was-it-x-yes) [b](#twice)\n<a name="here"></a> [c](#here)\n',
        LOOK + "As text it is `${{ '${{' }}`.\n",
        "---\nid: störung-in-größe\n---\n" + LOOK,
        "---\nid: \u0432\u044b\u043a\u043b\n---\n" + LOOK,
        "---\nbudget: 5m\n---\n" + step("manual: look", "timeout: 3h"),
        "---\nbudget: 5m\n---\n" + step(*DRAIN, "approval: {from: platform, timeout: 1h}"),
        "---\nbudget: 4m\n---\n" + "".join(step(*NODE, "timeout: 4m", id_=f"s{n}") for n in range(5)),
        step("wait: {until: 'true', for: 2m, timeout: 3m}"),
    ],
)  # fmt: skip
def test_nothing_to_say(text):
    assert problems(text) == []


def test_steps_that_are_wrong_are_there_for_those_that_read_them():
    found = problems(
        step("action: kubernetes.node", "with: {node: a}", "timeout: x")
        + step(*NODE, "needs: [look]", "if: steps.look.output.a", id_="b")
    )
    assert [each.line for each in found] == [5]


def other(*lines, front="", id_="other"):
    return {f"{id_}.md": f"---\nid: {id_}\n{front}---\n" + step(*(lines or NODE))}


USES = step("uses: other", "with: {node: a}")
INPUT = "inputs: {node: string, grace: {type: integer, default: 30}}\n"


@pytest.mark.parametrize(
    ("text", "files", "line", "column", "words"),
    [
        (step("uses: othr"), other(), 3, 7, "did you mean 'other'?"),
        (step("uses: page"), {}, 3, 7, "the runbook uses itself in the end: page → page"),
        (step("uses: other"), {"other.md": "# Other\n"}, 3, 7, "is a checklist, which has no steps"),
        (USES, other(), 4, 8, "runbook other takes no 'node'; it takes none"),
        (step("uses: other"), other(front=INPUT), 3, 7, "runbook other needs node (string)"),
        (step("uses: other", "with: {nod: a}"), other(front=INPUT), 4, 8, "did you mean 'node'?"),
        (step("uses: other", "with: {node: a, grace: long}"), other(front=INPUT), 4, 17, "with.grace is no integer"),
        (step("uses: other"), other("uses: page"), 3, 7, "itself in the end: page → other → page"),
        (step("uses: other", "timeout: 3m"), other(), 4, 10, "has its own budget"),
        (step("uses: other", "foreach: \"['a']\""), other(), 4, 10, "takes no foreach:"),
        (step("uses: other") + step(*NODE, "needs: [look]", "if: steps.look.outputs.x == 1", id_="b"), other(), 10, 5, "gives no outputs"),
        (step("uses: other") + step(*NODE, "needs: [look]", "if: steps.look.outputs.x == 1", id_="b"),
         other(front="outputs: {y: steps.look.status}\n"), 10, 5, "which is none of its outputs; one of: y"),
    ],
)  # fmt: skip
def test_runbooks_that_use_others(text, files, line, column, words):
    found = problems(text, {**FULL, **files})
    wanted = [(each.line, each.column, each.level) for each in found if words in str(each)]
    assert wanted == [(line, column, "error")], found


def test_a_circle_is_told_of_the_pages_in_it_and_no_others():
    files = {**other("uses: b", id_="a"), **other("uses: c", id_="b"), **other("uses: b", id_="c")}
    found = [(each.path, each.message) for each in lint({**FULL, **files})]
    assert found == [
        ("b.md", "the runbook uses itself in the end: b → c → b"),
        ("c.md", "the runbook uses itself in the end: c → b → c"),
    ]


def test_runbooks_use_one_another_only_so_deep():
    files = {}
    for number in range(6):
        files |= other(f"uses: p{number + 1}", id_=f"p{number}")
    files |= other(id_="p6")
    found = [(each.path, each.message) for each in lint({**FULL, **files})]
    assert [path for path, _ in found] == ["p0.md", "p1.md"]
    assert "6 deep" in found[1][1]


UNTRUSTED = {"full.yaml": FULL["full.yaml"].replace("rules: {trusted: [slack]}", "")}


@pytest.mark.parametrize("team", ["platform", "empty"])
def test_where_nothing_vouches_for_people_approvals_are_a_persons_to_do(team):
    found = problems(step(*CORDON, f"approval: {{from: {team}}}"), UNTRUSTED)
    assert {each.level for each in found} == {"advice"}
    assert "a person will be asked to do the step instead" in found[0].message
    assert [("no members" in each.message) for each in found[1:]] == ([True] if team == "empty" else [])


def test_the_owner_agrees_where_an_approval_names_nobody():
    front = "---\nowner: {}\n---\n"
    assert problems(step(*CORDON, "approval: true", front=front.format("platform"))) == []
    (found,) = problems(step(*CORDON, "approval: true", front=front.format("empty")))
    assert "team empty has no members who could agree" in found.message
    assert problems(step(*CORDON, "approval: true")) == [], "the incident's team, which is not known yet"


def test_ids_that_a_person_takes_for_the_same_are_the_same():
    (found,) = lint(
        {
            **FULL,
            "a.md": "---\nid: node\n---\n" + LOOK,
            "b.md": "---\nid: \uff2e\uff2f\uff24\uff25\n---\n" + LOOK,
        }
    )
    assert (found.path, "is also that of a.md" in found.message) == ("b.md", True)


@pytest.mark.parametrize(
    ("line", "what", "level"),
    [
        ("key: AKIAIOSFODNN7EXEMPLE", "an AWS access key", "error"),
        ("-----BEGIN RSA PRIVATE KEY-----", "a private key", "error"),
        ("export T=ghp_" + "a1B2" * 9, "a GitHub token", "error"),
        ("xoxb-123456789012-abcdefghijkl", "a Slack token", "error"),
        ("curl -H 'Authorization: Bearer 9f8Ab3kQz71LmXw0PqRs'", "a bearer token", "advice"),
        ("psql postgres://app:hunter2go@db/app", "a password in a URL", "advice"),
        ("api_key = 'q8Zr3LmX0vB7tK2wN5yD'", "a secret", "advice"),
        ("DB_PASSWORD: q8Zr3LmX0vB7tK2wN5yD", "a secret", "advice"),
        ("curl 'https://db/health?user=app&password=hunter2go&x=1'", "a password in a query", "advice"),
        ("curl 'https://db/health?token=$TOKEN'", "", ""),
        ("curl 'https://db/health?page_token=&n=1'", "", ""),
        ("key: AKIAIOSFODNN7EXAMPLE", "", ""),
        ("psql postgres://app:$PASSWORD@db/app", "", ""),
        ("psql postgres://app:${{ inputs.x }}@db/app", "", ""),
        ("psql postgres://app:<password>@db/app", "", ""),
        ("Authorization: Bearer $TOKEN", "", ""),
        ("kubectl get secret cart-tls -o name", "", ""),
        ("token: kubernetes-service-account-token", "", ""),
        ("password: the-one-from-the-vault", "", ""),
        ("sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "", ""),
    ],
)  # fmt: skip
def test_likely_secrets(line, what, level):
    text = LOOK + "\n    " + line + "\n"
    found = [
        (each.line, each.level)
        for each in problems(text)
        if "looks like" in str(each) or "may be " in str(each)
    ]
    assert found == ([(7, level)] if what else [])
    assert all(what in str(each) for each in problems(text) if each.line == 7 and what)
    if what:
        assert line not in "".join(map(str, problems(text))), "the finding does not say it once more"
