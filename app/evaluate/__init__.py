"""Floor 4: how well alerts become incidents, measured against outages whose truth is known."""
