"""The documents a user writes and the records a session leaves."""
