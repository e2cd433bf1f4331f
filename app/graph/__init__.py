"""Pages as pictures: what needs what, phase by phase."""
