"""Who is on call: rotations, layers, and what is left when overrides and absences are taken into account."""
