"""Floor 0: the vocabulary. Frozen values that every other floor speaks in; no behaviour beyond reading them."""
