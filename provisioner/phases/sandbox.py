"""Phase 2: the ephemeral namespace, fenced before anything else enters it."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from provisioner.cluster.api import Object
from provisioner.cluster.resources import NAMESPACE, SECRET
from provisioner.deadline import Deadline
from provisioner.errors import ChartError, ClusterError
from provisioner.helm.charts import sandbox_chart
from provisioner.helm.release import Release
from provisioner.models.base import GROUP, MANAGED_BY
from provisioner.phases.context import Context
from provisioner.phases.outline import Outline
from provisioner.restores.claims.chart import ClaimTarget
from provisioner.tasks import all_or_first_error, uninterrupted

RELEASE = "verify-sandbox"
QUOTA_SECONDS = 20.0
AGAIN_SECONDS = 0.5

_UNCOUNTED = "status unknown for quota"
"""What the API server says while a new quota has not been counted yet."""

EXPIRES_AT = f"{GROUP}/expires-at"
POD_SECURITY = "pod-security.kubernetes.io/enforce"


def deadline_of(namespace: Object) -> tuple[datetime | None, str]:
    """When anybody may remove the sandbox; without a readable time, what is wrong with it."""
    text = (namespace["metadata"].get("annotations") or {}).get(EXPIRES_AT)
    if text is None:
        return None, f"it has no annotation {EXPIRES_AT}"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None, f"its annotation {EXPIRES_AT} is no time: {text!r}"
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)), ""


def deadline_patch(moment: datetime) -> Object:
    """The merge patch that moves a sandbox's deadline."""
    return {"metadata": {"annotations": {EXPIRES_AT: moment.isoformat(timespec="seconds")}}}


async def sandbox(context: Context, outline: Outline) -> None:
    """Create the namespace, fence it, and bring the user's Secrets in.

    Raises:
        ChartError: the fence cannot be installed.
        ClusterError: the API server refuses.
    """
    # A namespace that a cancelled call leaves the server to make would escape teardown.
    await uninterrupted(context.cluster.create(NAMESPACE, _namespace(context)))
    await context.helm.install(fence(context), context.deadline.left())
    await all_or_first_error(
        context.cluster.create(SECRET, one, context.sandbox) for one in outline.secrets
    )


async def make_claims(context: Context, targets: Sequence[ClaimTarget]) -> None:
    """Have the fence's chart make claims to restore into, once it is known how large they are.

    Raises:
        CapacityError: the quota has no room for them.
        ClusterError: the cluster refuses them.
    """
    if not targets:
        return
    release = fence(context, {one.name: one.spec for one in targets})
    until = Deadline.after(QUOTA_SECONDS)
    while True:
        try:
            await context.helm.install(release, context.deadline.left())
        except ChartError as error:
            if _UNCOUNTED not in error.message or not until.left():
                raise ClusterError(f"the scratch claims are refused: {error.message}") from error
        else:
            return
        await asyncio.sleep(AGAIN_SECONDS)


def fence(context: Context, claims: Mapping[str, Mapping[str, Any]] | None = None) -> Release:
    """The chart that fences the namespace, with the user's settings; claims by their specs."""
    settings = context.verifier.spec.sandbox
    values = settings.model_dump(by_alias=True, exclude_defaults=True, include={"quota", "limits"})
    values |= {"claims": dict(claims)} if claims else {}
    return Release(RELEASE, context.sandbox, sandbox_chart(), values, validated=True)


def _namespace(context: Context) -> Object:
    session = context.recorder.session
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": session.sandbox,
            "labels": {
                **MANAGED_BY,
                f"{GROUP}/verifier": session.verifier,
                f"{GROUP}/session": session.id,
                POD_SECURITY: _pod_security(context),
            },
            "annotations": {EXPIRES_AT: session.expires_at.isoformat(timespec="seconds")},
        },
    }


def _pod_security(context: Context) -> str:
    """``baseline``, unless a repository lies in a folder of the node.

    That one needs ``privileged`` while our own restores run, see ``close_to_privileged``.
    """
    volumes = (one.restic.volume or {} for one in context.verifier.spec.repositories)
    return "privileged" if any("hostPath" in volume for volume in volumes) else "baseline"


async def open_to_repositories(context: Context) -> None:
    """Let restores mount their repositories again, see ``close_to_privileged``."""
    patch = {"metadata": {"labels": {POD_SECURITY: _pod_security(context)}}}
    await context.cluster.merge(NAMESPACE, context.sandbox, patch)


async def close_to_privileged(context: Context) -> None:
    """Hold the application to Pod Security ``baseline``, whatever the restores needed."""
    patch = {"metadata": {"labels": {POD_SECURITY: "baseline"}}}
    await context.cluster.merge(NAMESPACE, context.sandbox, patch)
