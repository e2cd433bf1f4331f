"""Floor 1: the pure engine. Every function takes data and returns data: no I/O, no clock, no randomness."""
