"""The commands that look into sandboxes that are there."""

from provisioner.cli.options import subcommands

app = subcommands()
