"""Dumps of three services as their own programs make them, and where each is loaded by whom."""

import base64
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import devcluster
from tests.cluster.files_app import FilesApp
from tests.cluster.kube import Kubectl, environment

CHART = Path(__file__).with_name("charts") / "services"

_ORDERS = """
CREATE TABLE orders (id int PRIMARY KEY, note text);
INSERT INTO orders SELECT n, 'order ' || n FROM generate_series(1, 2000) n;
CREATE TABLE customers (id int PRIMARY KEY, name text);
INSERT INTO customers SELECT n, md5(n::text) FROM generate_series(1, 20000) n;
"""
_POSTS = """
CREATE TABLE posts (id int PRIMARY KEY, text varchar(80));
INSERT INTO posts SELECT seq, CONCAT('post ', seq) FROM seq_1_to_3000;
"""

_MADE = {
    "orders.sql": ("postgresql", "pg_dump -U postgres -O -t orders shop"),
    "customers.dump": ("postgresql", "pg_dump -U postgres -Fc -O -t customers shop"),
    "posts.sql": ("mariadb", "mariadb-dump --single-transaction shop"),
    "queue.rdb": ("redis", "redis-cli --rdb /tmp/queue.rdb >&2 && cat /tmp/queue.rdb"),
}


def make_dumps(kubectl: Kubectl, helm: Path, namespace: str) -> dict[str, str]:
    """The files by their names, in base64."""
    argv = [str(helm), "--kubeconfig", str(kubectl.kubeconfig), "install", "made", str(CHART)]
    argv += ["--namespace", namespace, "--wait", "--timeout", "2m"]
    subprocess.run(argv, env=environment(), check=True, capture_output=True)
    _in(kubectl, namespace, "postgresql", f"psql -qU shop shop <<'E'\n{_ORDERS}\nE")
    _in(kubectl, namespace, "mariadb", f"mariadb shop <<'E'\n{_POSTS}\nE")
    fill = "for n in {1..2000}; do echo RPUSH jobs $n; done | redis-cli >/dev/null"
    _in(kubectl, namespace, "redis", fill)
    return {
        name: _in(kubectl, namespace, service, f"{{ {command}; }} | base64 -w0")
        for name, (service, command) in _MADE.items()
    }


def _in(kubectl: Kubectl, namespace: str, service: str, command: str) -> str:
    command = f"set -o pipefail; {command}"
    return kubectl.run("-n", namespace, "exec", f"{service}-0", "--", "bash", "-c", command)


class DumpsApp(FilesApp):
    """The services, and a repository of their dumps."""

    def keep(self, name: str, content: bytes) -> None:
        """Back one dump up, as the only file of its snapshot."""
        path = self.data / name
        path.write_bytes(content)
        argv = [str(devcluster.binary("restic")), "--repo", str(self.repository), "backup"]
        argv += [f"--tag={name}", str(path)]
        subprocess.run(
            argv, env=environment(RESTIC_PASSWORD="of-the-test"), check=True, capture_output=True
        )

    def document(self, names: list[str], values: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """A verifier that streams these dumps, each into its service."""
        document = self.verifier(
            restores=[restore(name) for name in names],
            checks=[CHECKS[name] for name in names],
        )
        services = sorted({_MADE[name][0] for name in names})
        given = {"services": services, **(values or {})}
        application = {"chart": {"path": str(CHART)}, "releaseName": "made", "values": given}
        document["spec"]["application"] = application
        return document


def restore(name: str) -> dict[str, Any]:
    """The restore of one dump."""
    stream = {"workload": f"StatefulSet/{_MADE[name][0]}", **CLIENTS[name]}
    plain = name.partition(".")[0]
    return {
        "name": plain, "from": "files", "select": {"tags": [name]}, "into": {"stream": stream}
    }  # fmt: skip


_POSTGRES = {
    "PGHOST": "postgresql",
    "PGUSER": "$(POSTGRES_USER)",
    "PGPASSWORD": "$(POSTGRES_PASSWORD)",
    "PGDATABASE": "$(POSTGRES_DATABASE)",
}
_REDIS = """
set -e
cat > /tmp/dump.rdb
redis-server --port 6380 --dir /tmp --protected-mode no --save '' &
until redis-cli -p 6380 ping 2>/dev/null | grep -q PONG; do kill -0 $!; sleep 0.2; done
redis-cli -h redis replicaof $(hostname -i) 6380
until redis-cli -h redis info replication | grep -q master_link_status:up; do sleep 0.2; done
redis-cli -h redis replicaof no one
"""

CLIENTS: dict[str, dict[str, Any]] = {
    "orders.sql": {"command": ["psql", "-qv", "ON_ERROR_STOP=1"], "env": _POSTGRES},
    "customers.dump": {
        "command": ["pg_restore", "--exit-on-error", "--no-owner", "--dbname=shop"],
        "env": _POSTGRES,
    },
    "posts.sql": {
        "command": ["mariadb", "--host=mariadb", "--user=shop", "shop"],
        "env": {"MYSQL_PWD": "$(MARIADB_PASSWORD)"},
    },
    "queue.rdb": {"command": ["bash", "-c", _REDIS]},
}


def _check(name: str, workload: str, command: str, answer: str) -> dict[str, Any]:
    asked = {"workload": f"StatefulSet/{workload}", "command": ["bash", "-c", command]}
    return {"name": name, "exec": {**asked, "expect": {"equals": answer}}}


def _rows(table: str) -> str:
    return f"psql -U shop -Atc 'TABLE {table}' shop | wc -l"


CHECKS = {
    "orders.sql": _check("orders", "postgresql", _rows("orders"), "2000"),
    "customers.dump": _check("customers", "postgresql", _rows("customers"), "20000"),
    "posts.sql": _check(
        "posts", "mariadb", "mariadb -Ne 'SELECT count(*) FROM posts' shop", "3000"
    ),
    "queue.rdb": _check("queue", "redis", "redis-cli LLEN jobs", "2000"),
}


def decoded(dumps: Mapping[str, str]) -> dict[str, bytes]:
    """The files' content by their names."""
    return {name: base64.b64decode(text) for name, text in dumps.items()}
