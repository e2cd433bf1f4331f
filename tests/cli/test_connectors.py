"""`oncall connectors`, and `oncall explain --connectors`."""

import json

from app.model.connectors import KINDS, Connector

ALERT = '{"labels": {"alertname": "KubePodCrashLooping", "namespace": "shop", "severity": "warning"}}'


def announcement(kind, **fields):
    return b"one", Connector(kind=kind, instance=f"{kind}-1", **fields).model_dump_json().encode()


def test_nobody_announced_is_no_error(oncall, kafka, put):
    put("connectors", (b"one", None))
    done = oncall("connectors", *kafka)
    assert (done.exit_code, done.stdout) == (0, "")
    assert "nobody announced itself" in done.stderr


def test_who_is_there_and_what_nobody_serves(oncall, kafka, put, tmp_path):
    put(
        "connectors",
        (b"somebody", b"garbage"),
        *[announcement(kind) for kind in KINDS if kind not in ("step", "document")],
        announcement("step", name="executor", version="7", actions=["kubernetes.describe"]),
    )
    done = oncall("connectors", *kafka)
    assert done.exit_code == 0
    assert "executor" in done.stdout
    assert "no connector for document commands" in done.stderr
    told = json.loads(oncall("connectors", "--json", *kafka).stdout)
    assert told["unserved_kinds"] == ["document"]
    assert "kubernetes.rollout_undo" in told["unknown_actions"]
    assert "kubernetes.describe" not in told["unknown_actions"]
    (step,) = [each for each in told["connectors"] if each["kind"] == "step"]
    assert (step["version"], step["is_alive"]) == ("7", True)
    (tmp_path / "alert.json").write_text(ALERT)
    explained = oncall("explain", str(tmp_path / "alert.json"), "--connectors", *kafka)
    assert "Unserved" in explained.stdout
    assert "no connector for document commands" in explained.stdout
