"""Noise: what is muted and by what (muting, inhibition), what is held meanwhile (holding, asking), silences in `control` (silencing), and what flaps (flapping)."""
