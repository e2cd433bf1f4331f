"""The post-incident review: what it says, when it is written again, and how long facts still reach it."""
