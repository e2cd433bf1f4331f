"""Connectors: what stands between our topics and the outside. Here the bridge, which POSTs commands to an HTTP endpoint.

A connector needs nothing of this package: docs/connectors.md and schemas/ are enough to write one.
"""
