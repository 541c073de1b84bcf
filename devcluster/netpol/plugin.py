"""CNI plugin: tells the policy enforcer of a pod's address, and waits until it is protected.

It runs by itself at every pod's start, so it needs nothing but the standard library.
"""

import json
import os
import socket
import sys
import time
from typing import Any

_PATIENCE = 20.0
_RETRY = 0.1


def _arguments() -> dict[str, str]:
    pairs = (pair.partition("=") for pair in os.environ.get("CNI_ARGS", "").split(";"))
    return {key: value for key, _, value in pairs}


def _message(operation: str, config: dict[str, Any]) -> dict[str, str]:
    pod = _arguments()
    addresses = (config.get("prevResult") or {}).get("ips") or [{"address": ""}]
    return {
        "operation": operation,
        "uid": pod.get("K8S_POD_UID", ""),
        "pod": f"{pod.get('K8S_POD_NAMESPACE')}/{pod.get('K8S_POD_NAME')}",
        "address": addresses[0]["address"].partition("/")[0],
    }


def _ask(path: str, message: dict[str, str]) -> str:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_PATIENCE)
        connection.connect(path)
        connection.sendall(json.dumps(message).encode() + b"\n")
        with connection.makefile() as answer:
            return answer.readline().strip()


def _ask_patiently(path: str, message: dict[str, str]) -> str:
    """The enforcer may still be starting, as the whole cluster may."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            return _ask(path, message)
        except OSError as error:
            if time.monotonic() > deadline:
                return f"the policy enforcer does not answer: {error}"
            time.sleep(_RETRY)


def _fail(config: dict[str, Any], text: str) -> int:
    version = config.get("cniVersion", "1.0.0")
    print(json.dumps({"cniVersion": version, "code": 100, "msg": text}))
    return 1


def main() -> int:
    """Handle one call of the container runtime."""
    command = os.environ.get("CNI_COMMAND", "")
    if command == "VERSION":
        print(json.dumps({"cniVersion": "1.0.0", "supportedVersions": ["0.4.0", "1.0.0"]}))
        return 0
    config = json.load(sys.stdin)
    if command == "ADD":
        answer = _ask_patiently(config["socket"], _message("add", config))
        if answer != "protected":
            return _fail(config, answer)
        print(json.dumps(config["prevResult"]))
    elif command == "DEL":
        try:
            _ask(config["socket"], _message("delete", config))
        except OSError:
            # The enforcer drops the pod when the API says that it is gone.
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
