"""Claims of a session without an application: made by the sandbox's own chart. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from provisioner.models.checks import Check
from provisioner.models.quantity import in_mebibytes
from provisioner.models.scratch import ScratchClaim
from provisioner.models.verifier import Sandbox, VerifierSpec
from provisioner.restores.claims.chart import ClaimTarget
from provisioner.restores.claims.existing import LEAST
from provisioner.restores.claims.room import needed
from provisioner.restores.claims.targets import Targets
from provisioner.restores.planned import PlannedRestore


def scratch_targets(spec: VerifierSpec) -> Targets:
    """The claim of each restore, by the restore's name. One that is not listed is a plain one."""
    return {
        one.name: [
            ClaimTarget(
                name=one.into.claim.name,
                spec=_spec(one.into.claim.name, spec.sandbox),
                scratch=True,
                sub_path=one.into.claim.sub_path or "",
                pods=_mounting(one.into.claim.name, spec.checks),
            )
        ]
        for one in spec.restores
        if one.into.claim is not None
    }


def _spec(name: str, sandbox: Sandbox) -> dict[str, Any]:
    """The claim's own class comes first: it is as much the user's word as the sandbox's."""
    listed = sandbox.claims.get(name, ScratchClaim())
    spec = listed.model_dump(by_alias=True, exclude_none=True)
    if sandbox.storage_class and listed.storage_class_name is None:
        spec["storageClassName"] = sandbox.storage_class
    return spec


def _mounting(claim: str, checks: Sequence[Check]) -> frozenset[str]:
    """The checks that mount it: a pod that mounts several finds their volumes on one node."""
    return frozenset(
        f"check {one.name}"
        for one in checks
        if claim in (each.name for each in getattr(one.question, "claims", []))
    )


def with_room(planned: Sequence[PlannedRestore]) -> list[PlannedRestore]:
    """The same restores: a claim that nobody says a size of has room for its snapshots."""
    return [_sized(one, planned) if _is_unsized(one.target) else one for one in planned]


def _is_unsized(target: ClaimTarget) -> bool:
    return target.scratch and not target.requested


def _sized(one: PlannedRestore, planned: Sequence[PlannedRestore]) -> PlannedRestore:
    storage = in_mebibytes(max(needed(planned, one.target.name), LEAST))
    spec = {**one.target.spec, "resources": {"requests": {"storage": storage}}}
    return replace(one, target=replace(one.target, spec=spec))
