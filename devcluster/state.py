"""What the running cluster left on this machine, and what the machine was like before it."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from devcluster import network, processes
from devcluster.paths import STATE

FINGERPRINT = STATE / "fingerprint"
_BEFORE = STATE / "before.json"
# Folders outside of ours that containerd, CNI and the kubelet insist on.
_FOREIGN = tuple(
    Path(path)
    for path in (
        "/etc/cni",
        "/opt/containerd",
        "/run/containerd",
        "/run/netns",
        "/usr/libexec/kubernetes",
        "/var/lib/cni",
        "/var/lib/kubelet",
        "/var/log/containers",
        "/var/log/pods",
    )
)


@dataclass(frozen=True)
class Before:
    """The machine before the cluster came."""

    absent_folders: list[str]
    tables: list[str]
    kernel_settings: dict[str, str]

    @classmethod
    def observe(cls) -> "Before":
        """Look at the machine as it is now."""
        absent = [str(folder) for folder in _FOREIGN if not folder.exists()]
        return cls(absent, network.tables(), network.kernel_settings())

    @classmethod
    def load(cls) -> "Before | None":
        """What `save` wrote; None where no cluster was ever started."""
        return cls(**json.loads(_BEFORE.read_text())) if _BEFORE.is_file() else None

    def save(self) -> None:
        """Write it down, before anything is changed."""
        partial = _BEFORE.with_suffix(".partial")
        partial.write_text(json.dumps(asdict(self)))
        partial.rename(_BEFORE)


def fingerprint() -> str | None:
    """What the running cluster was made of; None unless its start came to the end."""
    return FINGERPRINT.read_text() if FINGERPRINT.is_file() else None


def recorded() -> dict[str, processes.ProcessRecord | None]:
    """Every component that was started, with its record."""
    folder = STATE / "processes"
    return {file.name: processes.read(file) for file in sorted(folder.glob("*"))}


def crashed() -> list[str]:
    """Components that were started and do not run."""
    return [name for name, record in recorded().items() if not (record and record.alive())]


def log_end(name: str, lines: int = 8) -> str:
    """Return the last lines of a component's log."""
    log = STATE / "log" / f"{name}.log"
    if not log.is_file():
        return "  (no log)"
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 16_384))
        text = file.read().decode(errors="replace")
    return "\n".join(f"  {line}" for line in text.splitlines()[-lines:])
