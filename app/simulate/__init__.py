"""The simulator: the production road on virtual time, from a seed, with every fault that a cluster has to offer."""
