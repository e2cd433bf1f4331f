"""The world around the service, simulated: ordinary Kafka clients that know the schemas and nothing else of it."""
