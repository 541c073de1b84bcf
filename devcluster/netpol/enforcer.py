"""Keeping the kernel's rules in step with the API."""

import asyncio
import contextlib
import json
import logging
from pathlib import Path
from typing import Any

import httpx

from devcluster.netpol.pods import Pod, parse_pod
from devcluster.netpol.policies import Policy, parse_policy
from devcluster.netpol.problems import Problems
from devcluster.netpol.rules import Network, World, ruleset
from devcluster.netpol.watch import Watch

_LOG = logging.getLogger(__name__)
_POD_SEEN_WITHIN = 5.0
_NFT = "nftables"


class Enforcer:
    """Watches pods, namespaces and policies, and answers the CNI plugin."""

    def __init__(self, http: httpx.AsyncClient, network: Network, problems_file: Path) -> None:
        self._network = network
        self._wake = asyncio.Event()
        self._pods = Watch(http, "/api/v1/pods", self._wake.set)
        self._namespaces = Watch(http, "/api/v1/namespaces", self._wake.set)
        path = "/apis/networking.k8s.io/v1/networkpolicies"
        self._policies = Watch(http, path, self._wake.set)
        self._problems = Problems(problems_file, http)
        self._learned: dict[str, str] = {}
        self._in_force = ""
        self._refused = ""
        self._one_at_a_time = asyncio.Lock()

    async def run(self, socket: Path) -> None:
        """Enforce until stopped."""
        server = await asyncio.start_unix_server(self._serve, str(socket))
        async with server, asyncio.TaskGroup() as tasks:
            for watch in (self._pods, self._namespaces, self._policies):
                tasks.create_task(watch.run())
            tasks.create_task(self._keep_up())

    async def _keep_up(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self._apply()

    async def _synced(self) -> None:
        for watch in (self._pods, self._namespaces, self._policies):
            await watch.synced.wait()

    async def _apply(self) -> None:
        await self._synced()
        async with self._one_at_a_time:
            policies = {p.namespace + "/" + p.name: p for p in self._parsed_policies()}
            text = ruleset(self._world(list(policies.values())), self._network)
            if text != self._in_force:
                self._refused = await _load(text)
                self._in_force = "" if self._refused else text
        await self._report(policies)

    def _parsed_policies(self) -> list[Policy]:
        found = sorted(self._policies.items.values(), key=_name)
        return [parse_policy(policy) for policy in found]

    def _world(self, policies: list[Policy]) -> World:
        namespaces = {
            found["metadata"]["name"]: found["metadata"].get("labels") or {}
            for found in self._namespaces.items.values()
        }
        return World(tuple(self._parsed_pods()), tuple(policies), namespaces)

    def _parsed_pods(self) -> list[Pod]:
        found = sorted(self._pods.items.items(), key=lambda item: _name(item[1]))
        parsed = (parse_pod(pod, self._learned.get(uid)) for uid, pod in found)
        return [pod for pod in parsed if pod]

    async def _report(self, policies: dict[str, Policy]) -> None:
        problems = {name: list(p.problems) for name, p in policies.items() if p.problems}
        if self._refused:
            problems[_NFT] = [self._refused]
        objects = {_name(found): found for found in self._policies.items.values()}
        await self._problems.tell(problems, objects)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            answer = await self._answer(json.loads(await reader.readline()))
            writer.write(f"{answer}\n".encode())
            await writer.drain()
        writer.close()

    async def _answer(self, message: dict[str, str]) -> str:
        uid = message["uid"]
        if message["operation"] == "delete":
            self._learned[uid] = ""
            self._forget_gone(uid)
            return "noted"
        # An address is somebody else's only until it is given out again.
        self._learned = {
            other: "" if address == message["address"] else address
            for other, address in self._learned.items()
        }
        self._learned[uid] = message["address"]
        if not await self._seen(uid):
            return f"the policy enforcer knows no pod {message['pod']}"
        await self._apply()
        return f"nftables refuses the rules: {self._refused}" if self._refused else "protected"

    def _forget_gone(self, uid: str) -> None:
        kept = set(self._pods.items) | {uid}
        self._learned = {u: address for u, address in self._learned.items() if u in kept}

    async def _seen(self, uid: str) -> bool:
        deadline = asyncio.get_running_loop().time() + _POD_SEEN_WITHIN
        while uid not in self._pods.items:
            if asyncio.get_running_loop().time() > deadline:
                return False
            await asyncio.sleep(0.02)
        return True


def _name(found: dict[str, Any]) -> str:
    return f"{found['metadata'].get('namespace', '')}/{found['metadata']['name']}"


async def _load(text: str) -> str:
    """Hand a ruleset to the kernel as one transaction; return what nft objects to."""
    process = await asyncio.create_subprocess_exec(
        "nft", "-f", "-", stdin=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    _, errors = await process.communicate(text.encode())
    if process.returncode == 0:
        return ""
    _LOG.error("nft refused these rules:\n%s\n%s", errors.decode(), text)
    return errors.decode().strip().splitlines()[0] if errors else f"exit {process.returncode}"
