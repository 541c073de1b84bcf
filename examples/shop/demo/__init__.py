"""The demonstration: a production, its backups, and the proof that they bring it back.

The parts are a small library, so that tests can have a production of their own, smaller and in a
namespace of its own: `production.Production`, `seed.seed`, `backup.backup`, and what
`examples.common` holds for every example.
"""
