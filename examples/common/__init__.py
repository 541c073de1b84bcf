"""What the demonstrations share: a cluster, backup stores, backup Jobs, and the way they run."""
