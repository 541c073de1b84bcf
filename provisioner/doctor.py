"""Whether everything is there that a session needs, and what to do about what is not."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from provisioner import process
from provisioner.cluster.api import Cluster, Object
from provisioner.cluster.resources import NETWORK_POLICY, STORAGE_CLASS, Resource
from provisioner.cluster.storage import DEFAULT_CLASS, is_default
from provisioner.errors import ClusterError, ProvisionerError
from provisioner.repositories import restic

OLDEST_HELM, OLDEST_RESTIC = (3, 14), (0, 18)

ACCESS_REVIEW = Resource(
    "SelfSubjectAccessReview",
    "authorization.k8s.io/v1",
    "selfsubjectaccessreviews",
    namespaced=False,
)

PROGRAM_SECONDS = 20.0
SIDE_BY_SIDE = 8

RIGHTS: tuple[tuple[str, str, str], ...] = (
    # Verbs, API group, resource: what a session calls itself, and what Helm and the fence need.
    ("get list watch create patch delete", "", "namespaces"),
    ("list watch", "", "persistentvolumes"),
    ("get list watch create patch delete", "", "pods"),
    ("get", "", "pods/log"),
    ("get create", "", "pods/exec"),
    ("get create", "", "pods/portforward"),
    ("get list watch create patch delete", "", "persistentvolumeclaims"),
    ("get list create update patch delete", "", "secrets"),
    ("get list create patch delete", "", "configmaps"),
    ("get list watch create patch delete", "", "services"),
    ("get create patch delete", "", "serviceaccounts"),
    ("get create patch delete", "", "resourcequotas"),
    ("get create patch delete", "", "limitranges"),
    ("list watch", "", "events"),
    ("list watch", "discovery.k8s.io", "endpointslices"),
    ("get list watch create patch delete", "apps", "deployments"),
    ("get list watch create patch delete", "apps", "statefulsets"),
    ("get list watch create patch delete", "apps", "daemonsets"),
    ("list patch", "apps", "replicasets"),
    ("get list watch create patch delete", "batch", "jobs"),
    ("list patch", "batch", "cronjobs"),
    ("get create patch delete", "networking.k8s.io", "networkpolicies"),
)


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    name: str
    ok: bool
    message: str
    hint: str = ""


async def examine(
    kubeconfig: Path | None, context: str | None, helm: str, restic_program: str
) -> list[Finding]:
    """Look at everything; what is missing is a finding, never an error."""
    programs = await asyncio.gather(_helm(helm), _restic(restic_program))
    try:
        cluster = await Cluster.connect(kubeconfig, context)
        reached = Finding(
            "cluster", True, f"{cluster.server}, Kubernetes {await cluster.version()}"
        )
    except ProvisionerError as error:
        hint = error.hint or "check it with: kubectl get --raw /readyz"
        return [*programs, Finding("cluster", False, error.message, hint)]
    looks = (("rights", _rights), ("storage class", _storage), ("network policy", _policies))
    return [*programs, reached, *await asyncio.gather(*(_look(cluster, *one) for one in looks))]


async def _look(
    cluster: Cluster, name: str, look: Callable[[Cluster], Awaitable[Finding]]
) -> Finding:
    """A look that the cluster refuses says so, and stops no other."""
    try:
        return await look(cluster)
    except ClusterError as error:
        return Finding(name, False, error.message, error.hint or "ask whoever runs the cluster")


async def _helm(program: str) -> Finding:
    said = await _said(program, "version", "--template", "{{.Version}}")
    hint = "install Helm 3.14 or later, or name it with --helm"
    return judge_version("helm", program, said, OLDEST_HELM, hint)


async def _restic(program: str) -> Finding:
    said = await restic.version(program)
    hint = "install restic 0.18 or later, or name it with --restic"
    return judge_version("restic", program, said, OLDEST_RESTIC, hint)


async def _said(*argv: str) -> str:
    try:
        async with asyncio.timeout(PROGRAM_SECONDS):
            return (await process.run(argv)).stdout.decode(errors="replace").strip()
    except (OSError, TimeoutError):
        return ""


def judge_version(
    name: str, program: str, said: str, oldest: tuple[int, int], hint: str
) -> Finding:
    """Whether a program's version is late enough; an empty one is a program that is not there."""
    found = re.match(r"v?(\d+)\.(\d+)", said)
    if not found:
        return Finding(name, False, f"{program} cannot be run, or tells no version", hint)
    late = (int(found[1]), int(found[2])) >= oldest
    return Finding(name, late, said if late else f"{said} is too old", "" if late else hint)


async def _rights(cluster: Cluster) -> Finding:
    turns = asyncio.Semaphore(SIDE_BY_SIDE)

    async def allowed(verb: str, group: str, resource: str) -> bool:
        async with turns:
            answer = await cluster.create(ACCESS_REVIEW, access_review(verb, group, resource))
        return bool(answer["status"]["allowed"])

    wanted = [(verb, group, name) for verbs, group, name in RIGHTS for verb in verbs.split()]
    answers = await asyncio.gather(*(allowed(*one) for one in wanted))
    denied = [one for one, answer in zip(wanted, answers, strict=True) if not answer]
    return judge_rights(denied, len(wanted))


def access_review(verb: str, group: str, resource: str) -> Object:
    """The question whether we may do that, in every namespace."""
    name, _, subresource = resource.partition("/")
    attributes = {"verb": verb, "group": group, "resource": name, "subresource": subresource}
    return {
        "apiVersion": ACCESS_REVIEW.version,
        "kind": ACCESS_REVIEW.kind,
        "spec": {"resourceAttributes": attributes},
    }


def judge_rights(denied: Sequence[tuple[str, str, str]], asked: int) -> Finding:
    """What is missing, by resource."""
    if not denied:
        message = f"all {asked} that a session needs; what else the chart makes was not asked for"
        return Finding("rights", True, message)
    verbs: dict[str, list[str]] = {}
    for verb, group, resource in denied:
        verbs.setdefault(f"{resource}.{group}".rstrip("."), []).append(verb)
    missing = "; ".join(f"{name}: {', '.join(them)}" for name, them in verbs.items())
    hint = "bind a ClusterRole with these verbs to the user of the kubeconfig"
    return Finding("rights", False, f"missing in all namespaces: {missing}", hint)


async def _storage(cluster: Cluster) -> Finding:
    return judge_storage(await cluster.list_all(STORAGE_CLASS))


def judge_storage(classes: Sequence[Object]) -> Finding:
    """Charts that name no class get the default one; others may do without."""
    names = [one["metadata"]["name"] for one in classes]
    default = [one["metadata"]["name"] for one in classes if is_default(one)]
    if default:
        return Finding("storage class", True, f"the default is {', '.join(default)}")
    there = f"; there are: {', '.join(names)}" if names else ""
    hint = f"annotate one with {DEFAULT_CLASS}=true, or name one in the chart's values"
    return Finding("storage class", False, f"none is the default{there}", hint)


async def _policies(cluster: Cluster) -> Finding:
    try:
        await cluster.list_page(NETWORK_POLICY, cluster.namespace)
    except ClusterError as error:
        if error.status == httpx.codes.NOT_FOUND:
            hint = "without it a sandbox cannot be fenced: use a cluster that has it"
            return Finding("network policy", False, "the API is not there", hint)
        if error.status != httpx.codes.FORBIDDEN:  # that one is told with the rights
            raise
    message = "the API is there; whether the network plugin enforces it was not tried"
    return Finding("network policy", True, message)
