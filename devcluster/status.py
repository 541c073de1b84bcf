"""Telling how the cluster is."""

from dataclasses import dataclass

from devcluster import addons, state
from devcluster.api import Api
from devcluster.configs import NETPOL_PROBLEMS
from devcluster.netpol import problems
from devcluster.paths import STATE


@dataclass(frozen=True)
class Status:
    """What `status` prints, and whether all is well."""

    lines: list[str]
    healthy: bool


def status() -> Status:
    """Look at every component and at what the API says."""
    if not STATE.exists():
        return Status(["no cluster on this machine"], healthy=False)
    crashed = state.crashed()
    lines = [line for name in state.recorded() for line in _component(name, name in crashed)]
    missing = _missing()
    lines += [f"not ready: {what}" for what in missing]
    for name, texts in problems.read(NETPOL_PROBLEMS).items():
        lines.append(f"network policy {name} is not enforced as written: {'; '.join(texts)}")
    if state.fingerprint() is None:
        lines.append("its start did not come to the end; `up` starts it anew")
    return Status(lines, healthy=not crashed and not missing and state.fingerprint() is not None)


def _component(name: str, crashed: bool) -> list[str]:
    record = state.recorded()[name]
    if not crashed and record:
        return [f"{name}: running (pid {record.pid})"]
    return [f"{name}: crashed; the end of its log:", state.log_end(name)]


def _missing() -> list[str]:
    if not (STATE / "pki" / "admin.crt").exists():
        return ["the API server"]
    with Api(STATE / "pki") as api:
        return addons.missing(api) if api.ready() else ["the API server"]
