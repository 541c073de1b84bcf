"""The way every demonstration runs: the cluster, the verification, and how it ends."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from types import FrameType

import devcluster
from devcluster.errors import DevclusterError
from examples.common import stores
from examples.common.backup import BackupError
from examples.common.cluster import CommandError, Kube, environment
from examples.common.progress import say, step
from examples.common.seed import SeedError

REPORTS = Path(__file__).resolve().parents[2] / ".demo"
LEFT_BEHIND, INTERRUPTED = 1, 130


def start_cluster(images: Iterable[str]) -> Kube:
    """Start the cluster, give it all images, and run the backup stores."""
    with step("Starting the local cluster"):
        cluster = devcluster.up()
        for image in (*images, *stores.IMAGES):
            cluster.load_image(image)
    kube = Kube(cluster.kubeconfig)
    with step("Starting the backup stores: rest-server and MinIO"):
        stores.ensure(kube)
    return kube


def verify(kube: Kube, verifier: Path, report: Path) -> int:
    """Verify the backup, and return the exit code: not 0 either when something is left behind."""
    before = sandboxes(kube)
    say("==> Verifying the backup")
    code = run_verifier(kube, verifier, report)
    left = ours(sandboxes(kube) - before, report)
    for name in sorted(left):
        say(f"left behind: namespace {name}; remove it with `kubectl delete namespace {name}`")
    say(f"The report is in {shown(report)}")
    return code or (LEFT_BEHIND if left else 0)


def run_verifier(kube: Kube, verifier: Path, report: Path) -> int:
    """Run the verifier as its user would, and return its exit code."""
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    argv = [
        str(Path(sys.executable).with_name("provisioner")),
        "run",
        str(verifier),
        "--kubeconfig",
        str(kube.kubeconfig),
        "--report",
        str(report),
    ]
    with subprocess.Popen(argv, env={**environment(), "PATH": search_path()}) as process:
        return wait_for(process)


def wait_for(process: "subprocess.Popen[bytes]") -> int:
    """Wait for a program; one that is interrupted gets the time to clean up."""
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            # From a terminal it has the signal already; from elsewhere it has not.
            process.send_signal(signal.SIGINT)


def search_path() -> str:
    """Return PATH with the cluster's own Helm and restic in front."""
    folders = [str(devcluster.binary(name).parent) for name in ("helm4", "restic", "kubectl")]
    return os.pathsep.join([*folders, os.environ.get("PATH", os.defpath)])


def sandboxes(kube: Kube) -> set[str]:
    """Return the namespaces of verifications."""
    return {name for name in kube.names("namespaces") if name.startswith("verify-")}


def ours(namespaces: set[str], report: Path) -> set[str]:
    """Return those of our own verification, since others may verify in the same cluster."""
    if not report.exists():
        return namespaces
    return namespaces & {json.loads(report.read_text())["sandbox"]}


def shown(path: Path) -> str:
    """Return a path as seen from here, if it is below."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main(demonstrate: Callable[[], int]) -> int:
    """Run a demonstration and return its exit code; problems are told in words."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        return demonstrate()
    except (CommandError, BackupError, SeedError, DevclusterError) as problem:
        say(f"failed: {problem}")
        return 1
    except KeyboardInterrupt:
        say("interrupted; run it again and it goes on from here")
        return INTERRUPTED
