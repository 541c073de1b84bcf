"""Whether the application really runs, by name, and why not."""
