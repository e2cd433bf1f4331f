"""Chat: what is said of an incident, where, and what people say back."""
