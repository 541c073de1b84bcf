"""Reads a user's documents: all their faults at once, each with its line and column."""

from provisioner.documents.files import STDIN, Document, Examined, examine, load_verifier

__all__ = ["STDIN", "Document", "Examined", "examine", "load_verifier"]
