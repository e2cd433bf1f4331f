"""Fuzzing of the whole intake: alerts mutated from valid ones, sent through a worker, and every one of them accounted for.

`fields` and `mutate` make the messages, `judge` says what must become of each, `account` looks what did, `run` puts them together.
All but `run` know nothing of the service but its public schemas and documents: fastavro and json, and nothing of `app`.
`python -m tests.fuzz` (`make fuzz`) is the long form; `test_fuzz.py` runs short ones.
"""
