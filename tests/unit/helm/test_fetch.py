"""How Helm is asked for a chart, with a program in Helm's place that notes what it was asked."""

import json
import os
import stat
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from provisioner.errors import ChartError, ConfigurationError
from provisioner.helm import fetch
from provisioner.helm.missing import RemoteChart
from provisioner.helm.release import Helm

LOGIN = ("reader", "swordfish")

HELM = f"""#!{sys.executable}
import json, os, pathlib, stat, sys
argv, here = sys.argv[1:], pathlib.Path(sys.argv[0]).parent
if argv[0] == "version":
    print(os.environ.get("VERSION", "v4.3.1"), end="")
elif argv[0] == "env":
    print(here / "own.yaml")
else:
    files = {{}}
    for name in ("HELM_REPOSITORY_CONFIG", "HELM_REGISTRY_CONFIG"):
        if name in os.environ:
            path = pathlib.Path(os.environ[name])
            files[name] = [json.loads(path.read_text()), stat.S_IMODE(path.stat().st_mode)]
    with (here / "calls").open("a") as calls:
        print(json.dumps([argv, files]), file=calls)
    if (here / "fails").exists() and argv[0] == "pull":
        sys.exit((here / "fails").read_text())
    if argv[0] == "pull":
        (pathlib.Path(argv[argv.index("--destination") + 1]) / "blog-1.2.3.tgz").touch()
"""


class Fake:
    """The program, and what it was asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        program = folder / "helm"
        program.write_text(HELM)
        program.chmod(0o700)
        cluster: Any = SimpleNamespace(kubeconfig=None, context=None)
        self.helm = Helm(str(program), cluster)

    @property
    def calls(self) -> list[tuple[list[str], dict[str, Any]]]:
        return [json.loads(line) for line in (self.folder / "calls").read_text().splitlines()]

    async def pull(self, chart: RemoteChart) -> Path:
        place = self.folder / "private"
        place.mkdir(exist_ok=True)
        return await fetch.pull(self.helm, chart, place)


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    for name in ("HELM_REPOSITORY_CONFIG", "HELM_REGISTRY_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    return Fake(tmp_path)


def of_repository(**changes: Any) -> RemoteChart:
    values = {"url": "https://charts.example.com", "name": "blog", "version": "1.2.3", **changes}
    return RemoteChart(**values)


def of_registry(host: str = "registry.example.com", **changes: Any) -> RemoteChart:
    return of_repository(url=f"oci://{host}/charts/blog", **changes)


async def test_a_login_is_in_a_private_file_and_never_in_argv(fake: Fake) -> None:
    await fake.pull(of_repository(credentials=LOGIN))
    await fake.pull(of_registry(credentials=LOGIN))
    assert not [argv for argv, _ in fake.calls if "swordfish" in " ".join(argv)]
    (_, update), (_, pull), (_, oci) = fake.calls
    config, mode = update["HELM_REPOSITORY_CONFIG"]
    assert config["repositories"][0]["password"] == "swordfish"
    assert (mode, pull) == (stat.S_IRUSR | stat.S_IWUSR, update)
    config, mode = oci["HELM_REGISTRY_CONFIG"]
    assert config == {"auths": {"registry.example.com": {"auth": "cmVhZGVyOnN3b3JkZmlzaA=="}}}
    assert mode == stat.S_IRUSR | stat.S_IWUSR


async def test_without_a_secret_the_users_own_entry_counts(fake: Fake) -> None:
    own = {"name": "mine", "url": "https://charts.example.com/", "caFile": "/ca.pem"}
    other = {"name": "other", "url": "https://other.example.com", "password": "x"}
    (fake.folder / "own.yaml").write_text(json.dumps({"repositories": [other, own]}))
    await fake.pull(of_repository())
    config, _ = fake.calls[0][1]["HELM_REPOSITORY_CONFIG"]
    entry = {"name": "source", "url": "https://charts.example.com", "caFile": "/ca.pem"}
    assert config["repositories"] == [entry]


@pytest.mark.parametrize("own", ["", "[", "repositories: 1", "repositories: [1]"])
async def test_a_file_of_the_users_that_is_none_is_no_fault(fake: Fake, own: str) -> None:
    (fake.folder / "own.yaml").write_text(own)
    assert (await fake.pull(of_repository())).name == "blog-1.2.3.tgz"


async def test_helm_3_is_told_to_fail_without_an_index(
    fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fake.pull(of_repository())
    monkeypatch.setenv("VERSION", "v3.14.0")
    fake.helm._version = ""
    await fake.pull(of_repository())
    updates = [argv for argv, _ in fake.calls if argv[0] == "repo"]
    assert [argv[3:] for argv in updates] == [[], ["--fail-on-repo-update-fail"]]


@pytest.mark.parametrize(
    ("host", "plain"),
    [
        ("127.0.0.1:5000", True),
        ("localhost:5000", True),
        ("localhost", True),
        ("[::1]:5000", True),
        ("registry.example.com:5000", False),
        ("10.0.0.1", False),
        ("localhost.example.com", False),
    ],
)
async def test_only_registries_of_this_machine_speak_plain_http(
    fake: Fake, host: str, plain: bool
) -> None:
    await fake.pull(of_registry(host))
    argv, _ = fake.calls[0]
    assert ("--plain-http" in argv) is plain


@pytest.mark.parametrize(
    ("said", "error", "told"),
    [
        ("127.0.0.1:5000/blog:1.2.3: not found", ConfigurationError,
         "chart oci://registry.example.com/charts/blog in version 1.2.3 is not there"),
        ("response status code 401: unauthorized", ConfigurationError, "refuses access"),
        ("response status code 403: denied: not found", ConfigurationError, "refuses access"),
        ("basic credential not found", ConfigurationError, "refuses access"),
        ("dial tcp: lookup registry.example.com: no such host", ChartError, "cannot be read"),
        ("unexpected EOF", ChartError, "registry registry.example.com cannot be read"),
    ],
)  # fmt: skip
async def test_why_a_registry_gives_nothing(
    fake: Fake, said: str, error: type[Exception], told: str
) -> None:
    (fake.folder / "fails").write_text(f"Error: {said}")
    with pytest.raises(error, match=told):
        await fake.pull(of_registry())


async def test_a_login_in_the_url_is_not_told(fake: Fake) -> None:
    (fake.folder / "fails").write_text("Error: Get https://u:swordfish@charts.example.com: EOF")
    with pytest.raises(ChartError) as raised:
        await fake.pull(of_repository(url="https://u:swordfish@charts.example.com"))
    assert "swordfish" not in raised.value.message
    assert "charts.example.com" in raised.value.message
    assert "swordfish" not in json.dumps([argv for argv, _ in fake.calls])


async def test_what_never_comes_is_given_up(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "SECONDS", 0.05)
    os.mkfifo(fake.folder / "fails")
    with pytest.raises(ChartError, match="did not come within"):
        await fake.pull(of_registry())
