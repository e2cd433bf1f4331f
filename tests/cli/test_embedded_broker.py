"""The embedded broker makes topics by itself: a command that comes before the first message finds nothing, and no dead end."""

import pytest

EMBEDDED = {"ONCALL_EMBEDDED": "1"}


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("dead-letters", "list"), 0, ""),
        (("silence", "list"), 0, ""),
        (("replay",), 2, "has applied nothing of"),
        (("replay", "--incident", "3f2a"), 2, "has applied nothing of"),
        (("library", "publish"), 0, "is in force"),
        (("library", "show"), 1, "no library is in force yet"),
    ],
)
def test_what_nobody_has_written_to_is_empty(oncall, kafka, arguments, code, told):
    result = oncall(*arguments, *kafka, **EMBEDDED)
    assert (result.exit_code, "there is no topic" in result.stderr) == (code, False), result.stderr
    assert told in result.stderr


def test_elsewhere_a_missing_topic_is_named_with_its_mend(oncall, kafka):
    result = oncall("dead-letters", "list", *kafka)
    assert (result.exit_code, "oncall topics create" in result.stderr) == (2, True)


def test_who_takes_an_embedded_broker_for_kafka_is_told_so(oncall, kafka, monkeypatch):
    monkeypatch.setattr("app.stream.topics._WITHIN_S", 0.5)
    result = oncall("topics", "create", *kafka)
    assert result.exit_code == 2
    assert "was not created within" in result.stderr
    assert "ONCALL_EMBEDDED=1" in result.stderr
