"""A storm on real Kafka, and what it costs those who have nothing to do with it: critical alerts of other domains in the same partition.

`blowing` sends the storm, `lonely` sends the others and times their pages, `run` puts both around a worker. `python -m tests.storm`.
"""
