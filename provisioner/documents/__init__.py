"""Reads a user's document: all its faults at once, each with its line and column."""

from provisioner.documents.load import load_verifier

__all__ = ["load_verifier"]
