"""Floor 2: intake. Messages of the input topics become signals, each with its domain, or dead letters with the reason."""
