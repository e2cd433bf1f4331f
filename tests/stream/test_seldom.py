"""Errors that come many times a second, while a broker is gone, are told now and then."""

import logging

from app.stream.worker import Seldom


def record(words, level=logging.ERROR):
    return logging.LogRecord("aiokafka", level, "client.py", 1, words, ("a",), None)


def test_an_error_is_told_again_after_a_while():
    clock = [0.0]
    seldom = Seldom(10, lambda: clock[0])
    told = []
    for clock[0] in (0.0, 0.1, 9.9, 10.0, 10.1, 25.0):
        told += [clock[0]] if seldom.filter(record("no node %s")) else []
    assert told == [0.0, 10.0, 25.0]
    assert seldom.filter(record("no metadata from %s")), "another kind"
    assert all(seldom.filter(record("joined %s", logging.INFO)) for _ in range(3))
