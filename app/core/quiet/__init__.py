"""Noise: what is muted and by what (muting, inhibition), what is held meanwhile (holding), and what flaps (flapping)."""
