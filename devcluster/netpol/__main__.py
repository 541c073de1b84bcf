"""Entry point of the component: `python -m devcluster.netpol`."""

import asyncio
import contextlib
import logging
import os

import httpx

from devcluster.api import tls
from devcluster.commands import environment
from devcluster.configs import NETPOL_PROBLEMS, NETPOL_SOCKET
from devcluster.netpol.enforcer import Enforcer
from devcluster.netpol.rules import Network
from devcluster.network import BRIDGE, POD_NETWORK, POLICY_TABLE
from devcluster.paths import STATE
from devcluster.pki import SERVER


async def _main() -> None:
    os.environ.update(environment())
    context = tls(STATE / "pki")
    # Left behind by an enforcer that was killed.
    NETPOL_SOCKET.unlink(missing_ok=True)
    network = Network(table=POLICY_TABLE, bridge=BRIDGE, pods=POD_NETWORK)
    async with httpx.AsyncClient(base_url=SERVER, verify=context, trust_env=False) as http:
        await Enforcer(http, network, NETPOL_PROBLEMS).run(NETPOL_SOCKET)


logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
with contextlib.suppress(KeyboardInterrupt):
    asyncio.run(_main())
