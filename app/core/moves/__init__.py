"""Services that move to another correlation domain: what a domain held of them goes with them, and nothing is decided twice."""
