"""The part of the plan that asks no repository: the chart's objects, and where restores go."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from provisioner import __version__
from provisioner.cluster.api import Object
from provisioner.errors import ConfigurationError
from provisioner.helm.hooks import is_hook
from provisioner.helm.patches import Patch, apply_all, is_target
from provisioner.helm.postrenderer import renders_hooks
from provisioner.helm.release import Release
from provisioner.models.session import Tools
from provisioner.phases import guard
from provisioner.phases.chart import rendered
from provisioner.phases.context import Context
from provisioner.phases.mapping import Mapped, map_claims, scratch_mapped
from provisioner.phases.production import read_object, texts_of
from provisioner.phases.questions import refuse_the_ambiguous
from provisioner.repositories import restic
from provisioner.restores.claims.chart import title
from provisioner.tasks import all_or_first_error, both


@dataclass(frozen=True)
class Outline:
    """``claims`` has the release's objects, hooks included, and where the restores go.

    Without an application there is no ``release``. ``secrets`` are production's, as they are
    created in the sandbox.
    """

    release: Release | None
    claims: Mapped
    secrets: Sequence[Object]


async def outline(context: Context) -> Outline:
    """Render, and refuse what must not be installed or has no place for a restore.

    Raises:
        ProvisionerError: what stands in the way, by whose fault.
    """
    application = context.verifier.spec.application
    if application is None:
        claims, _ = await both(scratch_mapped(context), _note_tools(context))
        return Outline(None, claims, [])
    works: list[Coroutine[Any, Any, Any]] = [
        rendered(context, application),
        _copied_secrets(context, application.copy_secrets),
        _note_tools(context),
    ]
    (release, made), copied, _ = await all_or_first_error(works)
    guard.refuse_the_nameless(made.objects)
    objects = _patched(context, release.patches, made.objects)
    refuse_the_ambiguous(context.verifier.spec.checks, objects)
    await guard.refuse_what_reaches_out(context.cluster, objects, context.sandbox)
    return Outline(release, await map_claims(context, objects), copied)


@asynccontextmanager
async def outlining(context: Context) -> AsyncIterator["asyncio.Task[Outline]"]:
    """Work on the outline while the block asks the repositories."""
    task = asyncio.create_task(outline(context))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _patched(context: Context, patches: Sequence[Patch], objects: Sequence[Object]) -> list[Object]:
    """The objects as Helm will install them: the very patches of its post-renderer."""
    if not renders_hooks(context.recorder.session.tools.helm):
        _refuse_hooks(patches, objects)
    return apply_all(objects, patches)


def _refuse_hooks(patches: Sequence[Patch], objects: Sequence[Object]) -> None:
    hooks = [one for one in objects if is_hook(one) and any(is_target(it, one) for it in patches)]
    if hooks:
        names = ", ".join(map(title, hooks))
        raise ConfigurationError(
            f"a patch is for a hook of the chart, which Helm 3 does not let be patched: {names}",
            hint="use Helm 4, or set what the chart offers under spec.application.values",
        )


async def _note_tools(context: Context) -> None:
    versions = (
        context.cluster.version(),
        context.helm.version(),
        restic.version(context.request.restic),
    )
    kubernetes, helm, engine = await all_or_first_error(versions)
    tools = Tools(provisioner=__version__, kubernetes=kubernetes, helm=helm, restic=engine)
    context.recorder.update(tools=tools)


async def _copied_secrets(context: Context, names: Sequence[str]) -> list[Object]:
    found = await all_or_first_error(read_object(context, name, "copySecrets") for name in names)
    for one in found:
        context.recorder.hide(texts_of(one))
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
