"""Floor 2: what other systems' configurations say, in the words of our manifests, and what cannot be said in them."""
