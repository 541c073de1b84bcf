"""Whether the application really runs, and what an expert would look up when not."""
