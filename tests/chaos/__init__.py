"""Chaos on a real Kafka: three workers under load that are killed, paused, sent away and called back, and a broker too.

`load` plays those outside, `fleet` keeps the workers running and harms them, `judge` counts what became of it all, `run`
puts them together. `python -m tests.chaos` (`make chaos`) is the long form; `test_chaos.py` runs the short one.
"""
