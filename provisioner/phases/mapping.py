"""Which claims the restores go into, and what has to change about the claims of the chart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from provisioner.cluster.api import Object
from provisioner.errors import ConfigurationError
from provisioner.helm.hooks import HOOK, hook_events, is_hook
from provisioner.helm.patches import Patch, apply_all
from provisioner.helm.postrenderer import renders_hooks
from provisioner.models.session import EnlargedClaim
from provisioner.phases.context import Context
from provisioner.restores.claims import classes, existing, room, scratch
from provisioner.restores.claims.chart import rendered_claims
from provisioner.restores.claims.targets import Targets, map_restores
from provisioner.restores.planned import PlannedRestore
from provisioner.restores.pods import placement
from provisioner.restores.stream.services import refuse_missing_services


@dataclass(frozen=True)
class Mapped:
    """The rendered objects with our own patches on them, those patches, and all claims."""

    objects: Sequence[Object]
    patches: Sequence[Patch]
    targets: Targets

    def patched(self, patches: Sequence[Patch]) -> "Mapped":
        """The same with more patches."""
        return replace(
            self, objects=apply_all(self.objects, patches), patches=[*self.patches, *patches]
        )


async def map_claims(context: Context, objects: Sequence[Object]) -> Mapped:
    """Find the claims of all restores in the chart, before any snapshot is known.

    Raises:
        ConfigurationError: there is no such place, nothing can be restored into it, or the cluster
            does not have what a claim asks for.
    """
    classes.refuse_named_volumes(list(classes.asked(objects)))
    refuse_missing_services(context.verifier.spec.restores, objects)
    mapped = _mapped(context, objects)
    await classes.refuse_missing_classes(context.cluster, list(classes.asked(mapped.objects)))
    return mapped


async def scratch_mapped(context: Context) -> Mapped:
    """The claims of all restores where there is no application to ask for them.

    Raises:
        ConfigurationError: the cluster has no such storage class.
    """
    targets = scratch.scratch_targets(context.verifier.spec)
    made = {target.name: target for found in targets.values() for target in found}
    asked = [classes.Asked(f"claim {name}", one.spec) for name, one in made.items()]
    await classes.refuse_missing_classes(context.cluster, asked)
    return Mapped([], [], targets)


def _mapped(context: Context, objects: Sequence[Object]) -> Mapped:
    sees_hooks = renders_hooks(context.recorder.session.tools.helm)
    reached = [one for one in objects if sees_hooks or not is_hook(one)]
    storage_class = context.verifier.spec.sandbox.storage_class
    mapped = Mapped(objects, [], {}).patched(classes.class_patches(reached, storage_class))
    targets = map_restores(context.verifier.spec.restores, mapped.objects)
    before = {
        one.name: targets[one.name]
        for one in context.verifier.spec.restores
        if one.strategy == "preseed"
    }
    mapped = mapped.patched(_no_hooks(before, mapped.objects, sees_hooks=sees_hooks))
    return replace(mapped, targets=map_restores(context.verifier.spec.restores, mapped.objects))


def _no_hooks(targets: Targets, objects: Sequence[Object], *, sees_hooks: bool) -> list[Patch]:
    """Helm removes what is there before it makes a hook: a claim with its data, too.

    So a claim that is restored into before is made a part of the release like any other.
    """
    rendered = rendered_claims(objects)
    filled = {target.name for found in targets.values() for target in found}
    hooks = sorted(name for name in filled & set(rendered) if is_hook(rendered[name]))
    if hooks and not sees_hooks:
        events = ", ".join(hook_events(rendered[hooks[0]]))
        raise ConfigurationError(
            f"the chart makes claim {hooks[0]} as a hook ({events}), and Helm 3 would remove the"
            " restored one before",
            hint="use Helm 4, which lets it be made a plain claim, or have the chart do so",
        )
    path = f"/metadata/annotations/{HOOK.replace('/', '~1')}"
    return [
        {
            "target": {"kind": rendered[name]["kind"], "name": name},
            "patch": [{"op": "remove", "path": path}],
        }
        for name in hooks
    ]


async def make_room(
    context: Context, mapped: Mapped, planned: Sequence[PlannedRestore]
) -> tuple[Mapped, list[PlannedRestore]]:
    """Give every claim what its snapshots need, and every restore the node that it has to share.

    Raises:
        ConfigurationError: the cluster has no such storage class, or a claim takes no files.
    """
    storage_class = context.verifier.spec.sandbox.storage_class
    sized = scratch.with_room(planned)
    found = await existing.with_specs(context.cluster, context.source, storage_class, sized)
    refuse_block_devices(found)
    made = {one.target.name: one.target for one in found if one.target.existing}
    ours = [classes.Asked(f"claim {one.name}", one.spec) for one in made.values()]
    await classes.refuse_missing_classes(context.cluster, ours)
    larger = room.enlargements(found)
    context.recorder.update(enlarged=[_enlarged(one) for one in larger])
    return mapped.patched(room.patches(larger)), placed(room.enlarged(found, larger))


def refuse_block_devices(planned: Sequence[PlannedRestore]) -> None:
    """Refuse claims that hold no files.

    Raises:
        ConfigurationError: the first of them.
    """
    for one in planned:
        if one.target.spec.get("volumeMode") == "Block":
            raise ConfigurationError(
                f"restore {one.restore.name}: claim {one.target.name} is a block device, and a"
                " snapshot of files cannot be restored into it",
                hint="restore into a claim of volumeMode Filesystem",
            )


def placed(planned: Sequence[PlannedRestore]) -> list[PlannedRestore]:
    """The same restores, each with what it has to share a node with."""
    beside: Mapping[str, str] = placement.side_by_side({one.label: one.target for one in planned})
    return [replace(one, beside=beside.get(one.label, "")) for one in planned]


def _enlarged(one: room.Enlargement) -> EnlargedClaim:
    return EnlargedClaim(claim=one.claim, requested=one.requested, enlarged=one.enlarged)
