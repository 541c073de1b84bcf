"""Dumps that are streamed into running services: what passes, and what each fault is called."""

import secrets
import signal
from pathlib import Path

import pytest

import devcluster
from tests.cluster.dumps import DumpsApp, decoded, make_dumps
from tests.cluster.kube import Kubectl
from tests.cluster.provisioner import Provisioner
from tests.on_cluster import once

one_helm = pytest.mark.parametrize("provisioner", ["helm4"], indirect=True)

QUESTION = 'psql -h postgresql -U shop -Atc "SELECT count(*) FROM orders" shop | grep -qx 2000'
"""What the dependent program asks as it starts; it ends badly when a dump was not there by then."""


@pytest.fixture(scope="session")
def dumps(kubectl: Kubectl, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Made by the services' own programs, once for all workers."""

    def make() -> dict[str, str]:
        namespace = f"test-dumps-{secrets.token_hex(3)}"
        kubectl.create_namespace(namespace)
        made = make_dumps(kubectl, devcluster.binary("helm4"), namespace)
        kubectl.run("delete", "namespace", namespace, "--wait=false")
        return made

    return decoded(once(tmp_path_factory, "dumps", make))


@pytest.fixture
def services(kubectl: Kubectl, namespace: str, tmp_path: Path, good_files: Path) -> DumpsApp:
    """The services, with a repository that holds no dump yet."""
    return DumpsApp(kubectl, namespace, tmp_path, good_files)


def test_dumps_of_every_kind_are_loaded_before_the_rest_starts(
    provisioner: Provisioner, services: DumpsApp, dumps: dict[str, bytes]
) -> None:
    for name, content in dumps.items():
        services.keep(name, content)
    seen: dict[str, set[str]] = {}

    def look(_: object, sandbox: str) -> None:
        for kind in ("pods", "secrets"):
            seen[kind] = provisioner.kubectl.names(kind, "-n", sandbox)

    document = services.document(list(dumps), {"question": QUESTION, "hooks": True})
    ended = provisioner.act(document, "install: begins", look)
    assert ended.verdict == ("Passed", None), ended.report
    assert not [one for names in seen.values() for one in names if one.startswith("restore-")]
    for restored in ended.report["restores"]:
        assert (restored["strategy"], restored["state"]) == ("stream", "Done")
        assert restored["bytes"] > 0


@one_helm
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("orders.sql", "is not whole: pg_dump did not end it"),
        ("customers.dump", "could not read from input file: end of file"),
        ("posts.sql", "is not whole: mariadb-dump did not end it"),
        ("queue.rdb", "Short read or OOM loading DB"),
    ],
)
def test_truncated_dump_is_a_bad_backup(
    provisioner: Provisioner, services: DumpsApp, dumps: dict[str, bytes], name: str, said: str
) -> None:
    services.keep(name, cut(dumps[name]))
    ended = provisioner.run(services.document([name]))
    assert ended.verdict == ("Failed", "Backup"), ended.report
    assert said in ended.report["message"]
    assert "evidence" not in ended.report


def cut(dump: bytes) -> bytes:
    """Without its end: of a text at the end of a statement, so that all that is left is sound."""
    if dump.startswith((b"PGDMP", b"REDIS")):
        return dump[: len(dump) // 2]
    return dump[: dump.rindex(b";\n") + 2]


@one_helm
def test_client_that_is_not_let_in_says_nothing_of_the_backup(
    provisioner: Provisioner, services: DumpsApp, dumps: dict[str, bytes]
) -> None:
    services.keep("orders.sql", dumps["orders.sql"])
    document = services.document(["orders.sql"])
    stream = document["spec"]["restores"][0]["into"]["stream"]
    stream["env"] = {**stream["env"], "PGPASSWORD": "another"}
    ended = provisioner.run(document)
    assert ended.verdict == ("Errored", "Configuration"), ended.report
    assert "authentication failed" in ended.report["message"]


@one_helm
def test_interrupted_while_a_dump_is_loaded(provisioner: Provisioner, services: DumpsApp) -> None:
    services.keep("orders.sql", bytes(4 * 1024 * 1024))
    document = services.document(["orders.sql"])
    document["spec"]["restores"][0]["into"]["stream"]["command"] = ["sleep", "infinity"]
    ended = provisioner.interrupt(document, "%)", signal.SIGINT)
    assert ended.verdict == ("Cancelled", None), ended.report
    assert ended.report["restores"][0]["state"] == "Failed"
