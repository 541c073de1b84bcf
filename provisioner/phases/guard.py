"""What a rendered chart must not hold: the namespace is all that teardown removes."""

import asyncio
from collections.abc import Sequence

from provisioner.cluster.api import Cluster, Object
from provisioner.cluster.resources import NETWORK_POLICY
from provisioner.errors import ConfigurationError
from provisioner.helm.hooks import is_hook
from provisioner.restores.claims.chart import title

EGRESS = "Egress"
DNS_PORT = 53


async def refuse_what_reaches_out(
    cluster: Cluster, objects: Sequence[Object], sandbox: str
) -> None:
    """Refuse objects that would outlive the sandbox's namespace, lie outside of it, or open it.

    The API server is asked which kinds live in a namespace: a list of ours would miss the cluster's
    own custom resources.

    Raises:
        ConfigurationError: all of them, by name.
    """
    kinds = sorted({(one["apiVersion"], one["kind"]) for one in objects})
    known = await asyncio.gather(*(cluster.kinds.find(*kind) for kind in kinds))
    wide = {kind for kind, one in zip(kinds, known, strict=True) if not (one and one.namespaced)}
    found = [said for one in objects if (said := _outside(one, wide, sandbox))]
    if found:
        raise ConfigurationError(
            f"the chart makes what does not stay in the sandbox: {', '.join(found)}",
            hint="switch these off under spec.application.values, or change a policy's spec/egress"
            " by spec.application.patches",
        )


def refuse_the_nameless(objects: Sequence[Object]) -> None:
    """Refuse objects of the release that the API server would name.

    Helm finds what it has made by its name alone. Of hooks it makes new ones each time.

    Raises:
        ConfigurationError: the first of them.
    """
    for one in objects:
        metadata = one.get("metadata") or {}
        if not metadata.get("name") and not (metadata and is_hook(one)):
            raise ConfigurationError(
                f"the chart makes a {one.get('kind') or 'thing without a kind'} with no name"
                f" (generateName: {metadata.get('generateName') or 'none'}), which Helm cannot"
                " find again",
                hint="give it metadata.name, or make a hook of it",
            )


def _outside(one: Object, wide: set[tuple[str, str]], sandbox: str) -> str:
    name = title(one)
    namespace = one["metadata"].get("namespace") or sandbox
    if (one["apiVersion"], one["kind"]) in wide:
        return f"{name} (cluster-wide)"
    if namespace != sandbox:
        return f"{name} (in namespace {namespace})"
    return f"{name} (opens the way out)" if _opens_the_way_out(one) else ""


def _opens_the_way_out(one: Object) -> bool:
    """Whether a policy adds to what the fence lets out: the data would reach production.

    Those of other groups, e.g. Cilium's, have rules of their own: any egress counts.
    """
    spec = one.get("spec") or {}
    if one["apiVersion"] != NETWORK_POLICY.version:
        is_policy = one["kind"].endswith("NetworkPolicy")
        return is_policy and bool(spec.get("egress") or one.get("specs"))
    if one["kind"] != NETWORK_POLICY.kind or EGRESS not in (spec.get("policyTypes") or [EGRESS]):
        return False
    return any(_leads_out(rule or {}) for rule in spec.get("egress") or [])


def _leads_out(rule: Object) -> bool:
    """A rule to the sandbox's own pods, or for DNS alone, lets nobody reach production."""
    peers, ports = rule.get("to") or [{}], rule.get("ports") or [{}]
    return not all(map(_is_inside, peers)) and not all(map(_is_dns, ports))


def _is_inside(peer: Object) -> bool:
    return {key for key, value in peer.items() if value is not None} == {"podSelector"}


def _is_dns(port: Object) -> bool:
    return port.get("port") == DNS_PORT and not port.get("endPort")
