"""Proves that the backups of a Kubernetes application bring it back."""
