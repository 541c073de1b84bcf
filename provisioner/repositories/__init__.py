"""Where snapshots live, and which of them belong together."""
