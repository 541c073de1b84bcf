"""The demonstration: a production, its backups, and the proof that they bring it back.

The parts are a small library, so that tests can have a production of their own, smaller and in a
namespace of its own: `cluster.Kube`, `production.install`, `stores.ensure`, `seed.seed`,
`backup.backup`.
"""
