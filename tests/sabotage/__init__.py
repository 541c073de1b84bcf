"""The corpus: good backups broken in one way each, and good ones that look unusual.

`python -m tests.sabotage` (``make sabotage``) verifies every one by a real session, and tells which
of the bad ones were found and which of the good ones were blamed.
"""
