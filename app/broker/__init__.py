"""Brokers the product can bring along itself; today one, for trying out."""

from app.broker.embedded import EmbeddedBroker

__all__ = ["EmbeddedBroker"]
