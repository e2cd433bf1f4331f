"""The wire: what bytes mean. Avro single-object encoding and JSON, read by first bytes; the public schemas of both.

`decode` reads, `codec` writes, `registry` knows every schema ever released, `avsc` makes the schemas from the models,
`compatibility` holds each new one to all released ones.
"""
