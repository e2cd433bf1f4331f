"""Tickets: one for an incident, and one for each task that it leaves behind."""
