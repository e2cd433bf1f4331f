"""What the transactions cost, on a real Kafka: the road as it is, beside the same road written at least once.

`history` makes batches of signals, `at_least_once` is the way back, `writing` times both over the same batches, `lonely`
times single alerts through a worker, `figures` sums up. `python -m tests.cost` (`make cost`) puts them together.
"""
