"""The demonstration from end to end; run as `python -m examples.wordpress.demo`.

Its exit code is that of `provisioner run`, or 1 when something was left behind.
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType

import devcluster
from devcluster.errors import DevclusterError
from examples.wordpress.demo import production, seed, stores
from examples.wordpress.demo.backup import BackupError, backup
from examples.wordpress.demo.cluster import CommandError, Kube, environment
from examples.wordpress.demo.production import EXAMPLE, Production
from examples.wordpress.demo.progress import detail, say, step
from examples.wordpress.demo.verifier import VERIFIER

REPORT = EXAMPLE.parents[1] / ".demo" / "report.json"
LEFT_BEHIND, INTERRUPTED = 1, 130


def demonstrate() -> int:
    """Run every step and return the exit code."""
    kube = start_cluster()
    blog = Production()
    run_production(kube, blog)
    with step("Backing up the database and the uploads into two repositories"):
        detail(f"session {backup(kube, blog)}")
    with step("Production changes: one post is deleted, one is added"):
        seed.change(kube, blog)
    before = sandboxes(kube)
    say("==> Verifying the backup")
    code = verify(kube)
    left = ours(sandboxes(kube) - before, REPORT)
    for name in sorted(left):
        say(f"left behind: namespace {name}; remove it with `kubectl delete namespace {name}`")
    say(f"The report is in {shown(REPORT)}")
    return code or (LEFT_BEHIND if left else 0)


def start_cluster() -> Kube:
    """Start the cluster and give it all images."""
    with step("Starting the local cluster"):
        cluster = devcluster.up()
        for image in (*production.IMAGES, *stores.IMAGES):
            cluster.load_image(image)
    return Kube(cluster.kubeconfig)


def run_production(kube: Kube, blog: Production) -> None:
    """Run the backup stores and a production with content."""
    with step("Starting the backup stores: rest-server and MinIO"):
        stores.ensure(kube)
    with step(f"Installing WordPress as {blog.release} in namespace {blog.namespace}"):
        production.install(kube, blog)
        stores.ensure_repository_secrets(kube, blog.namespace)
    with step("Writing posts and attachments through WordPress"):
        told = seed.seed(kube, blog)
        megabytes = told.bytes / 1_000_000
        detail(f"{told.posts} posts, {told.attachments} attachments, {megabytes:.0f} MB of files")


def verify(kube: Kube) -> int:
    """Run the verifier as its user would, and return its exit code."""
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.unlink(missing_ok=True)
    argv = [
        str(Path(sys.executable).with_name("provisioner")),
        "run",
        str(VERIFIER),
        "--kubeconfig",
        str(kube.kubeconfig),
        "--report",
        str(REPORT),
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


def main() -> int:
    """Run the demonstration; problems are told in words."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        return demonstrate()
    except (CommandError, BackupError, seed.SeedError, DevclusterError) as problem:
        say(f"failed: {problem}")
        return 1
    except KeyboardInterrupt:
        say("interrupted; run it again and it goes on from here")
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
