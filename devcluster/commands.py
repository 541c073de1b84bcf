"""Running other programs: argv, never a shell."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from devcluster.errors import CommandError, DevclusterError

# Debian keeps nft, ip and iptables in sbin, which is not on every user's PATH.
_SBIN = "/usr/local/sbin:/usr/sbin:/sbin"


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Our own environment, with sbin on PATH and nobody else's cluster in it."""
    kept = {name: value for name, value in os.environ.items() if name != "KUBECONFIG"}
    kept["PATH"] = f"{kept.get('PATH', '/usr/bin:/bin')}:{_SBIN}"
    return {**kept, **(extra or {})}


def run(
    argv: list[str],
    *,
    stdin: str | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    check: bool = True,
) -> str:
    """Run to the end and return standard output; a failure carries the output's end."""
    try:
        done = subprocess.run(
            argv,
            input=stdin,
            env=environment(env),
            cwd=cwd,
            text=True,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise DevclusterError(
            f"{argv[0]} is not installed; `make cluster-up` installs it"
        ) from error
    if check and done.returncode != 0:
        raise CommandError(argv, done.returncode, done.stdout + done.stderr)
    return done.stdout
