"""The kr8s connection: opened as kubectl would, leaving no key behind."""

import asyncio
import tempfile
from pathlib import Path

import httpx
import kr8s
import kr8s.asyncio
import yaml

from provisioner.errors import ClusterError, ConfigurationError

CONNECT_SECONDS = 30.0

_UNREADABLE = (KeyError, ValueError, TypeError, AttributeError, yaml.YAMLError, FileNotFoundError)
"""What kr8s lets through of a kubeconfig that is none."""

_UNREACHABLE = (httpx.HTTPError, TimeoutError, OSError, kr8s.ServerError, kr8s.APITimeoutError)


async def open_connection(kubeconfig: Path | None, context: str | None) -> kr8s.asyncio.Api:
    """Connect.

    Raises:
        ConfigurationError: the kubeconfig is none, or has no such context.
        ClusterError: no answer from the API server.
    """
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            api = await kr8s.asyncio.api(
                kubeconfig=str(kubeconfig) if kubeconfig else None, context=context
            )
    except _UNREADABLE as error:
        raise ConfigurationError(
            f"the kubeconfig cannot be read: {kubeconfig or 'the default one'}: {error}",
            hint="name one with --kubeconfig, and its context with --context",
        ) from error
    except _UNREACHABLE as error:
        raise ClusterError(
            f"the cluster cannot be reached: {error or type(error).__name__}",
            hint="check --kubeconfig and --context with: kubectl get --raw /readyz",
        ) from error
    remove_key_files(api)
    return api


def remove_key_files(api: kr8s.asyncio.Api) -> None:
    """Remove the copies of the user's key that kr8s leaves behind once its connection has them."""
    auth = api.auth
    user, cluster = auth._user or {}, auth._cluster or {}
    copies = (
        (user.get("client-key-data"), auth.client_key_file),
        (user.get("client-certificate-data"), auth.client_cert_file),
        (cluster.get("certificate-authority-data"), auth.server_ca_file),
    )
    for inline, path in copies:
        # A file that the kubeconfig only names is the user's own.
        if inline and path and Path(path).parent == Path(tempfile.gettempdir()):
            Path(path).unlink(missing_ok=True)
