"""The part of the plan that asks no repository: the chart's objects, and where restores go."""

import asyncio
import base64
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from provisioner import __version__
from provisioner.cluster.api import Object
from provisioner.cluster.resources import SECRET
from provisioner.errors import ConfigurationError
from provisioner.helm.hooks import is_hook
from provisioner.helm.patches import Patch, apply_all, is_target
from provisioner.helm.postrenderer import renders_hooks
from provisioner.models.session import Tools
from provisioner.phases import guard
from provisioner.phases.context import Context
from provisioner.phases.mapping import Mapped, map_claims
from provisioner.repositories import restic


@dataclass(frozen=True)
class Outline:
    """``claims`` has the chart, hooks included, and where the restores go.

    ``secrets`` are production's, as they are created in the sandbox.
    """

    claims: Mapped
    secrets: Sequence[Object]


async def outline(context: Context) -> Outline:
    """Render, and refuse what must not be installed or has no place for a restore.

    Raises:
        ProvisionerError: what stands in the way, by whose fault.
    """
    objects, copied, _ = await asyncio.gather(
        context.helm.render(context.release), _copied_secrets(context), _note_tools(context)
    )
    objects = _patched(context, objects)
    await guard.refuse_what_reaches_out(context.cluster, objects, context.sandbox)
    return Outline(await map_claims(context, objects), copied)


@asynccontextmanager
async def outlining(context: Context) -> AsyncIterator["asyncio.Task[Outline]"]:
    """Work on the outline while the block asks the repositories."""
    task = asyncio.create_task(outline(context))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _patched(context: Context, objects: Sequence[Object]) -> list[Object]:
    """The objects as Helm will install them: the very patches of its post-renderer."""
    patches = context.release.patches
    if not renders_hooks(context.recorder.session.tools.helm):
        _refuse_hooks(patches, objects)
    return apply_all(objects, patches)


def _refuse_hooks(patches: Sequence[Patch], objects: Sequence[Object]) -> None:
    hooks = [one for one in objects if is_hook(one) and any(is_target(it, one) for it in patches)]
    if hooks:
        names = ", ".join(f"{one['kind']}/{one['metadata']['name']}" for one in hooks)
        raise ConfigurationError(
            f"a patch is for a hook of the chart, which Helm 3 does not let be patched: {names}",
            hint="use Helm 4, or set what the chart offers under spec.application.values",
        )


async def _note_tools(context: Context) -> None:
    kubernetes, helm, engine = await asyncio.gather(
        context.cluster.version(), context.helm.version(), restic.version(context.request.restic)
    )
    tools = Tools(provisioner=__version__, kubernetes=kubernetes, helm=helm, restic=engine)
    context.recorder.update(tools=tools)


async def _copied_secrets(context: Context) -> list[Object]:
    names = context.verifier.spec.application.copy_secrets
    found = await asyncio.gather(*(secret_of(context, name, "copySecrets") for name in names))
    for one in found:
        context.recorder.hide(values_of(one))
    return [
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": one["metadata"]["name"]},
            "type": one.get("type", "Opaque"),
            "data": one.get("data") or {},
        }
        for one in found
    ]


def values_of(secret: Object) -> dict[str, str]:
    """A Secret's values as text."""
    data = secret.get("data") or {}
    return {key: base64.b64decode(one).decode(errors="replace") for key, one in data.items()}


async def secret_of(context: Context, name: str, wanted_by: str) -> Object:
    """A Secret of the verifier's own namespace.

    Raises:
        ConfigurationError: there is none; ``wanted_by`` says for what it was needed.
    """
    secret = await context.cluster.find(SECRET, name, context.source)
    if secret is None:
        raise ConfigurationError(
            f"{wanted_by}: there is no Secret {name} in namespace {context.source}",
            hint="Secrets are read from the verifier's own namespace, metadata.namespace",
        )
    return secret
