"""Which claims a restore goes into, and what of that cannot be meant. Pure."""

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from provisioner.cluster.api import Object
from provisioner.cluster.resources import WORKLOADS
from provisioner.cluster.workloads import replicas_wanted
from provisioner.errors import ConfigurationError
from provisioner.helm.hooks import AFTER, BEFORE, hook_events
from provisioner.models.places import Claim, Volume
from provisioner.models.verifier import Restore
from provisioner.restores.claims.chart import (
    ClaimTarget,
    Use,
    ordinals,
    rendered_claims,
    target_named,
    title,
    uses,
    volumes_of,
)
from provisioner.restores.claims.folders import folder_in_claim

INSTALL_HOOKS = {BEFORE, AFTER}

Targets = Mapping[str, Sequence[ClaimTarget]]
"""The claims of each restore, by its name."""


def map_restores(restores: Sequence[Restore], objects: Sequence[Object]) -> Targets:
    """Map every restore to its claims.

    Raises:
        ConfigurationError: a restore has no such place, two have the same, or a pod would wait
            for ever for a claim that nothing makes.
    """
    found = {one.name: targets_of(one, objects) for one in restores}
    refuse_conflicts(found, restores)
    _refuse_claims_of_nobody(objects, found, restores)
    return found


def refuse_conflicts(found: Targets, restores: Sequence[Restore]) -> None:
    """Refuse restores that are in each other's way.

    Raises:
        ConfigurationError: two have the same place, or fill one claim at different times.
    """
    _refuse_same_place(found)
    _refuse_two_strategies(found, restores)


def is_later(restore: Restore, objects: Sequence[Object]) -> bool:
    """Whether the chart does not tell its place yet, and need not: it is there once installed."""
    into = restore.into
    if restore.strategy != "inplace":
        return False
    if into.volume is not None:
        return into.volume.workload not in map(title, objects)
    return into.claim is not None and target_named(into.claim.name, objects) is None


def targets_of(restore: Restore, objects: Sequence[Object]) -> list[ClaimTarget]:
    """The claims of one restore: several where each replica has its own, none of a stream.

    None either, so far, of one whose place is made after the install.

    Raises:
        ConfigurationError: the chart has no such workload, volume, replica or claim; those that
            it does have are named.
    """
    if restore.into.stream is not None or is_later(restore, objects):
        return []
    if restore.into.claim is not None:
        return [_by_claim(restore, restore.into.claim, objects)]
    assert restore.into.volume is not None  # the schema's one-of  # noqa: S101
    return _by_volume(restore, restore.into.volume, objects)


def _by_claim(restore: Restore, claim: Claim, objects: Sequence[Object]) -> ClaimTarget:
    target = target_named(claim.name, objects)
    mounting = list(uses(objects))
    if target is None:
        names = sorted({use.claim for use in mounting} | set(rendered_claims(objects)))
        raise ConfigurationError(
            f"restore {restore.name}: the chart makes no claim {claim.name}, and mounts none",
            hint=f"its claims: {', '.join(names) or 'none'}",
        )
    mounting = [use for use in mounting if use.claim == claim.name]
    return replace(target, sub_path=folder_in_claim(restore, claim.sub_path, mounting))


def _by_volume(restore: Restore, volume: Volume, objects: Sequence[Object]) -> list[ClaimTarget]:
    workload = workload_named(restore, volume.workload, objects)
    mounting = [use for use in uses([workload]) if use.volume == volume.name]
    if not mounting:
        raise _no_volume(restore, volume, workload)
    chosen = _of_replica(restore, volume, mounting)
    claims = {use.claim: use for use in chosen}
    numbered = volume.replica is not None or len(claims) > 1
    below = folder_in_claim(restore, volume.sub_path, mounting)
    return [
        replace(target, sub_path=below, replica=use.ordinal if numbered else None)
        for name, use in claims.items()
        if (target := target_named(name, objects))
    ]


def workload_named(restore: Restore, name: str, objects: Sequence[Object]) -> Object:
    """The workload of the chart that a restore names as ``KIND/NAME``.

    Raises:
        ConfigurationError: the chart makes no such.
    """
    there = {title(one): one for one in objects if one["kind"] in WORKLOADS}
    if name not in there:
        raise ConfigurationError(
            f"restore {restore.name}: the chart makes no {name}",
            hint=f"its workloads: {', '.join(sorted(there)) or 'none'}",
        )
    return there[name]


def _no_volume(restore: Restore, volume: Volume, workload: Object) -> ConfigurationError:
    if workload["kind"] == "StatefulSet" and not replicas_wanted(workload):
        return ConfigurationError(
            f"restore {restore.name}: {volume.workload} has 0 replicas, and so no claim",
            hint="set its number of replicas under spec.application.values",
        )
    others = {one["name"]: one for one in volumes_of(workload)}
    names = {use.volume for use in uses([workload])}
    hint = f"its volumes on claims: {', '.join(sorted(names)) or 'none'}"
    if "ephemeral" in others.get(volume.name, {}):
        return ConfigurationError(
            f"restore {restore.name}: volume {volume.name} of {volume.workload} is ephemeral: each"
            " pod makes a claim of its own, which nothing can be restored into before",
            hint=hint,
        )
    return ConfigurationError(
        f"restore {restore.name}: {volume.workload} has no volume {volume.name} on a claim",
        hint=hint,
    )


def _of_replica(restore: Restore, volume: Volume, mounting: Sequence[Use]) -> Sequence[Use]:
    if volume.replica is None:
        return mounting
    chosen = [use for use in mounting if use.ordinal == volume.replica]
    if not chosen:
        numbers = ordinals(mounting[0].workload)
        raise ConfigurationError(
            f"restore {restore.name}: {volume.workload} has no replica {volume.replica}",
            hint=f"its replicas: {numbers[0]} to {numbers[-1]}" if len(numbers) > 1
            else f"its only replica: {numbers[0]}",
        )  # fmt: skip
    return chosen


def _refuse_same_place(found: Targets) -> None:
    """By claim and by volume the same place has two names, which only the chart brings together."""
    seen: dict[tuple[str, str], str] = {}
    for restore, targets in found.items():
        for target in targets:
            place = (target.name, posixpath.normpath(f"/{target.sub_path}"))
            if place in seen:
                raise ConfigurationError(
                    f"restores {seen[place]} and {restore} go into the same place of claim"
                    f" {target.name}",
                    hint="give one of them another claim, another replica, or another subPath",
                )
            seen[place] = restore


def _refuse_two_strategies(found: Targets, restores: Sequence[Restore]) -> None:
    """What was filled before the install would be emptied after it."""
    seen: dict[str, Restore] = {}
    for one in restores:
        for target in found[one.name]:
            other = seen.setdefault(target.name, one)
            if other.strategy != one.strategy:
                raise ConfigurationError(
                    f"restores {other.name} and {one.name} fill claim {target.name} by different"
                    f" strategies, {other.strategy} and {one.strategy}",
                    hint="give both the same strategy",
                )


def _refuse_claims_of_nobody(
    objects: Sequence[Object], found: Targets, restores: Sequence[Restore]
) -> None:
    made = {target.name for targets in found.values() for target in targets}
    made |= {one.into.claim.name for one in restores if one.into.claim is not None}
    made |= set(rendered_claims(objects))
    made |= {use.claim for use in uses(objects) if use.template is not None}
    missing = {(title(use.workload), use.claim) for use in _at_once(objects)}
    missing = {(workload, claim) for workload, claim in missing if claim not in made}
    if missing:
        names = [f"{workload} mounts claim {claim}" for workload, claim in sorted(missing)]
        raise ConfigurationError(
            f"{', '.join(names)}, which neither the chart nor a restore makes: a pod would wait for"
            " it for ever",
            hint=f"add a restore with into: {{claim: {{name: {min(missing)[1]}}}}}, or have the"
            " chart make the claim, under spec.application.values",
        )


def _at_once(objects: Sequence[Object]) -> Iterator[Use]:
    """What the install itself starts: no CronJob, no test, nothing scaled to 0."""
    for use in uses(objects):
        one = use.workload
        events = hook_events(one)
        started = not events or INSTALL_HOOKS & set(events)
        if started and one["kind"] != "CronJob" and replicas_wanted(one):
            yield use
