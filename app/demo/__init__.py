"""`oncall demo`: an embedded broker, one real worker, and a believable estate having a bad hour in about a minute.

The service under it is the production one. Simulated is only what lies outside of it, and is named so:
`app.demo.simulators` holds monitoring, pipeline, executor, people and desk, ordinary Kafka clients that know the schemas.
What they do is data: `app.demo.scenario`, with how each incident is to end.
"""
