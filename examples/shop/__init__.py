"""A shop's back office: PostgreSQL, a queue in Redis and a worker, with its verifier."""
