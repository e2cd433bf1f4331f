"""Floor 2: the road itself, as plain functions over ports: intake, apply-batch, timekeeper. No Faust here."""
