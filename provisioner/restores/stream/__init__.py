"""Strategy ``stream``: dumps, read by the running service's own client."""
