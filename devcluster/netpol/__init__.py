"""Enforces NetworkPolicies between the pods of this one node, with an nftables table of its own.

`selectors` and `policies` read the objects, `rules` turns them into nftables text (both pure),
`watch` follows the API, `enforcer` keeps the kernel in step, `plugin` is the CNI plugin that
lets no pod start before its rules are in force.
"""
