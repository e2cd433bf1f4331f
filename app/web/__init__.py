"""The web port of a worker: pages, API, probes, metrics and HTTP intake. `register` hangs it into a Faust app."""

from app.web.views import register

__all__ = ["register"]
