"""The phases of a session, a module each."""
