"""Real applications with their verifiers."""
