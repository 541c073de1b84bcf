"""The host's apt settings, handed to image builds by bind mounts and never into an image."""

import re
from pathlib import Path

from devcluster.commands import run
from devcluster.errors import DevclusterError
from devcluster.paths import cache

RELEASE = "bookworm"
_SUITES = (RELEASE, f"{RELEASE}-updates", f"{RELEASE}-security")
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
_CERTIFICATES_IN_BUILD = "/run/host-certificates.crt"
# Of the host's many settings only those that say how to reach the archive.
_SETTINGS = re.compile(
    r"^Acquire::((https?|socks|ftp)(::|\s)|Check-|Retries|Proxy|ForceIPv).*;$", re.IGNORECASE
)


def sources() -> list[str]:
    """Debian's own archive as this machine reaches it, one line a suite."""
    layout = "$(REPO_URI) $(RELEASE) $(COMPONENT)"
    listed = run(["apt-get", "indextargets", "--format", layout, "Created-By: Packages"])
    found = dict.fromkeys(
        (site, suite)
        for site, suite, component in (line.split() for line in listed.splitlines())
        if suite in _SUITES and component == "main"
    )
    if not found:
        raise DevclusterError(f"apt on this machine knows no Debian {RELEASE} archive")
    return [f"deb {site} {suite} main" for site, suite in found]


def settings() -> list[str]:
    """How this machine's apt reaches the archive: proxies, certificates, clock checks."""
    dumped = run(["apt-config", "dump", "Acquire"]).splitlines()
    kept = [line for line in dumped if _SETTINGS.match(line) and not line.endswith('"";')]
    if not _CERTIFICATES.is_file():
        return kept
    return [*kept, f'Acquire::https::CAInfo "{_CERTIFICATES_IN_BUILD}";']


def mounts() -> list[str]:
    """Return bind mounts for a build's RUN: settings read-only, lists and packages shared."""
    folder = cache() / "apt"
    for name in ("lists/partial", "archives/partial"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    keep = 'Binary::apt::APT::Keep-Downloaded-Packages "true";'
    (folder / "apt.conf").write_text("\n".join([*settings(), keep, ""]))
    (folder / "sources.list").write_text("\n".join([*sources(), ""]))
    bound = [
        f"{folder}/apt.conf:/etc/apt/apt.conf:ro",
        f"{folder}/sources.list:/etc/apt/sources.list:ro",
        f"{folder}/lists:/var/lib/apt/lists",
        f"{folder}/archives:/var/cache/apt/archives",
    ]
    if _CERTIFICATES.is_file():
        bound.append(f"{_CERTIFICATES}:{_CERTIFICATES_IN_BUILD}:ro")
    return bound
