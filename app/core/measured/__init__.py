"""How people are paged and how fast they answer, in figures: pure functions of snapshots. docs/slo.md defines them."""
