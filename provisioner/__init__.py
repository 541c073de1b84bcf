"""Proves that the backups of a Kubernetes application bring it back."""

__version__ = "0.1.0"
