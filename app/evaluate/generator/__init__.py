"""Scenarios from a seed. Made from what estates and outages are like and from the documented format alone: it knows nothing of the engine."""
