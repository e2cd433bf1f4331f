import contextlib
import json
import os
import signal
import subprocess
import sys
import time

import pytest

COMMANDS = [
    ("demo",),
    ("worker",),
    ("broker",),
    ("topics", "create"),
    ("topics", "check"),
    ("topics", "acls"),
    ("pause",),
    ("resume",),
    ("send",),
    ("tail",),
    ("standings",),
    ("bridge",),
    ("runbook", "lint"),
    ("runbook", "list"),
    ("runbook", "show"),
    ("library", "publish"),
    ("library", "show"),
    ("explain",),
    ("import",),
    ("evaluate", "correlation"),
    ("schema", "check"),
    ("shadow", "report"),
    ("version",),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_teaches_with_an_example(oncall, command):
    result = oncall(*command, "--help")
    assert result.exit_code == 0
    assert f"oncall {' '.join(command)}" in result.stdout.split("Examples")[1]


def test_help_names_every_command(oncall):
    told = oncall("--help").stdout
    assert all(command[0] in told for command in COMMANDS)


def test_help_is_quick_because_nothing_heavy_is_imported():
    heavy = ("faust", "aiokafka", "confluent_kafka", "fastavro", "pydantic", "httpx", "celpy", "ruamel")
    code = f"import sys, app.cli.root; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_version(oncall):
    from app import __version__

    assert __version__ in oncall("version").stdout
    assert json.loads(oncall("version", "--json").stdout)["oncall-runbooks"] == __version__
    assert oncall("--version").stdout == f"oncall {__version__}\n"


MAIN = f"{sys.executable} -c 'from app.cli import main; main()'"


@pytest.mark.parametrize(
    ("line", "code", "told"),
    [
        ("explain - <&-", 1, "oncall: stdin:1:1: not JSON: Expecting value\n"),
        ("runbook list >&-", 0, ""),
        ("runbook lint 2>&-", 0, ""),
        ("version >/dev/full", 2, "oncall: cannot write: No space left on device\n"),
    ],
)
def test_a_stream_that_is_closed_or_full_is_no_stack_trace(line, code, told):
    done = subprocess.run(f"{MAIN} {line}", shell=True, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (code, told)


def test_examples_of_the_first_help_fit_a_narrow_terminal(oncall):
    lines = oncall("--help", COLUMNS="80", TERMINAL_WIDTH="80").stdout.split("Examples")[1].splitlines()
    assert all(line.split()[0] == "oncall" for line in lines if line.strip())


@pytest.mark.parametrize(
    ("arguments", "environment", "told"),
    [
        (("tail", "alert"), {}, "did you mean alerts?"),
        (("tail", "quite-else"), {}, "choose one of alerts"),
        (("send", "step-commands", "-"), {}, "choose one of"),
        (("bridge", "alerts", "--to", "http://x/", "--unsigned"), {}, "choose one of"),
        (("bridge", "step-commands", "--to", "http://x/"), {}, "ONCALL_BRIDGE_SECRET is not set"),
        (("bridge", "step-commands", "--to", "x", "--unsigned"), {}, "https://host/path"),
        (("tail", "alerts", "--filter", "x"), {}, "field=value"),
        (("tail", "alerts"), {"ONCALL_WEB_PORT": "x"}, "ONCALL_WEB_PORT: input should be a valid integer"),
        (("send", "alerts", "no-such-file.json"), {}, "no-such-file.json: No such file"),
        (("explain", "no-such-file.json"), {}, "no-such-file.json: No such file"),
    ],
)
def test_a_usage_error_is_one_line_and_code_2(oncall, arguments, environment, told):
    result = oncall(*arguments, **environment)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert told in result.stderr.replace("\n", " ")
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [("tail", "alerts"), ("library", "show"), ("topics", "check"), ("topics", "create")],
    ids=" ".join,
)
@pytest.mark.timeout(60)
def test_kafka_that_cannot_be_reached_is_one_line_that_names_it(oncall, nowhere, arguments):
    started = time.monotonic()
    result = oncall(*arguments, *nowhere)
    assert result.exit_code == 2
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("oncall: ")]
    assert "127.0.0.1:1" in line
    assert "ONCALL_BOOTSTRAP_SERVERS" in line
    assert time.monotonic() - started < 40


@pytest.mark.parametrize(
    "command",
    [
        ("explain",),
        ("evaluate", "correlation"),
        ("runbook", "run", "--dry-run"),
    ],
)
def test_a_file_that_nests_too_deep_is_one_line(oncall, tmp_path, command):
    deep = tmp_path / "deep.json"
    deep.write_text("[" * 100_000)
    done = oncall(*command, deep)
    assert (done.exit_code, "nests too deep to be read" in done.stderr) == (1, True), done.exception


@pytest.mark.parametrize(
    ("topic", "command"),
    [
        ("standings", ("standings",)),
        ("standings", ("silence", "list")),
        ("incidents", ("ack", "--match", "a=b", "--dry-run")),
    ],
)
def test_a_message_of_ours_that_cannot_be_read_is_one_line(oncall, kafka, put, topic, command):
    put(topic, (b"k", b"garbage"))
    done = oncall(*command, *kafka)
    assert done.exit_code == 2, done.exception
    assert f"{topic}, partition " in done.stderr
    assert "a newer release may have written it" in done.stderr


def test_ctrl_c_ends_what_runs_in_several_processes():
    command = ("simulate", "--seeds", "1000", "--jobs", "2")
    hears = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"  # whoever runs the tests may not
    line = [sys.executable, "-c", f"{hears}; from app.cli import main; main()", *command]
    run = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
    try:
        assert b"of 1000 histories" in run.stderr.readline()
        os.killpg(run.pid, signal.SIGINT)  # as a terminal does: to all of the group
        assert run.wait(timeout=8) == 130
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        run.stderr.close()
