"""The command lines of ``shell`` and ``open``, and how ports and addresses are told."""

from pathlib import Path
from typing import Any

import pytest

from provisioner.cli import open as open_command
from provisioner.cli import shell
from provisioner.cli.main import main
from provisioner.cli.open import choose_port, choose_service, url
from provisioner.cli.options import Reach
from provisioner.errors import UsageError


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], shell.Options()),
        (["web"], shell.Options("web")),
        (["--", "ls"], shell.Options(None, ["ls"])),
        (["web", "--", "sh", "-c", "a -- b"], shell.Options("web", ["sh", "-c", "a -- b"])),
        (["web", "--", "ls", "--", "-h"], shell.Options("web", ["ls", "--", "-h"])),
        (
            ["--session", "x7k", "-c", "db", "--context", "demo", "web"],
            shell.Options("web", [], "x7k", "db", Reach(None, "demo")),
        ),
    ],
    ids=str,
)
def test_what_stands_behind_the_dashes_is_the_program(
    arguments: list[str], expected: shell.Options, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[shell.Options] = []

    def execute(options: shell.Options) -> int:
        seen.append(options)
        return 7

    monkeypatch.setattr(shell, "execute", execute)
    assert main(["shell", *arguments]) == 7
    (options,) = seen
    assert list(options.command) == list(expected.command)
    assert options == shell.Options(
        expected.workload, options.command, expected.session, expected.container, expected.reach
    )


def test_a_program_without_dashes_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["shell", "web", "ls"]) == 2
    assert "unexpected extra argument" in capsys.readouterr().err
    assert main(["shell", "--help"]) == 0
    assert "[WORKLOAD] [-- COMMAND...]" in capsys.readouterr().out


def test_the_command_line_of_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[open_command.Options] = []

    def execute(options: open_command.Options) -> int:
        seen.append(options)
        return 0

    monkeypatch.setattr(open_command, "open_service", execute)
    config = tmp_path / "config"
    config.write_text("")
    more = ["--port", "8080", "--session", "x7k", "-o", "json", "--kubeconfig", str(config)]
    assert main(["open", "blog:http", *more]) == 0
    assert seen == [open_command.Options("blog:http", 8080, "x7k", True, Reach(config, None))]
    assert main(["open", "blog", "--port", "70000"]) == 2


def service(name: str, *ports: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": {"name": name}, "spec": {"ports": list(ports)}}


BLOG = service(
    "blog",
    {"name": "dns", "port": 53, "protocol": "UDP"},
    {"name": "http", "port": 80},
    {"name": "metrics", "port": 9117},
)


@pytest.mark.parametrize(("wanted", "port"), [("", 80), ("9117", 9117), ("metrics", 9117)])
def test_a_port_by_number_by_name_or_the_first(wanted: str, port: int) -> None:
    assert choose_port(BLOG, wanted)["port"] == port


@pytest.mark.parametrize("wanted", ["53", "81", "web"])
def test_a_port_that_is_not_there(wanted: str) -> None:
    with pytest.raises(UsageError, match=f"Service blog has no TCP port {wanted}") as raised:
        choose_port(BLOG, wanted)
    assert raised.value.hint == "it has: 80 http, 9117 metrics"


def test_a_service_that_is_not_there() -> None:
    with pytest.raises(UsageError, match="the sandbox has no Service 'blgo'") as raised:
        choose_service([BLOG, service("blog-db")], "blgo")
    assert raised.value.hint == "did you mean blog? there are: blog, blog-db"
    with pytest.raises(UsageError) as raised:
        choose_service([], "blog")
    assert raised.value.hint == "there is none at all"


@pytest.mark.parametrize(
    ("port", "told"),
    [
        ({"port": 80, "name": "http"}, "http://127.0.0.1:4000/"),
        ({"port": 3000}, "http://127.0.0.1:4000/"),
        ({"port": 8443}, "https://127.0.0.1:4000/"),
        ({"port": 9000, "name": "https-admin"}, "https://127.0.0.1:4000/"),
        ({"port": 3306, "name": "mysql"}, "127.0.0.1:4000"),
        ({"port": 5432, "appProtocol": "postgresql"}, "127.0.0.1:4000"),
    ],
    ids=str,
)
def test_the_address_fits_what_the_port_speaks(port: dict[str, Any], told: str) -> None:
    assert url(port, 4000) == told
