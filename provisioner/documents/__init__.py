"""Reads a user's documents: all their faults at once, each with its line and column."""

from provisioner.documents.files import (
    STDIN,
    STDIN_NAME,
    Document,
    Examined,
    examine,
    load_verifier,
)

__all__ = ["STDIN", "STDIN_NAME", "Document", "Examined", "examine", "load_verifier"]
