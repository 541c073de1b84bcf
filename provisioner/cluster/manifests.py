"""Kubernetes objects in YAML."""

import yaml

from provisioner import kubeyaml
from provisioner.cluster.api import Object
from provisioner.errors import ConfigurationError


def read_manifests(text: str) -> list[Object]:
    """The objects of a YAML stream; empty documents are left out, lists are taken apart."""
    try:
        found = list(yaml.load_all(text, Loader=kubeyaml.Loader))
    except yaml.YAMLError as error:
        raise ConfigurationError(f"the rendered chart is no valid YAML: {error}") from error
    return [one for each in found if each for one in _flat(each)]


def _flat(manifest: Object) -> list[Object]:
    """The object, or what a ``List`` holds."""
    items = kubeyaml.items_of(manifest)
    return [manifest] if items is None else [one for each in items for one in _flat(each)]
