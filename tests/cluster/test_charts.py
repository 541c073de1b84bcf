"""Where a chart and its values may come from, and what each fault of that is called."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import devcluster
from tests.cluster.chart_servers import LOGIN, chart_repository, registry
from tests.cluster.files_app import FilesApp, check
from tests.cluster.kube import Kubectl
from tests.cluster.production import Owner
from tests.cluster.provisioner import Provisioner

SAYS = "echo {} >/tmp/said; exec sleep infinity"
SAID = check("cat /tmp/said", "what it was told", equals="of production")
NOWHERE = "127.0.0.1:9"  # the port of "discard", which nobody listens on


@pytest.fixture
def owner(
    provisioner: Provisioner, namespace: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Owner:
    """The production's owner has the other Helm than we have."""
    other = "helm3" if "helm4" in request.node.name else "helm4"
    kubeconfig = provisioner.kubectl.kubeconfig
    return Owner(devcluster.binary(other), kubeconfig, namespace, tmp_path)


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Whatever happens, nothing of a chart stays behind."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setenv("HELM_CONFIG_HOME", str(tmp_path / "config-of-helm"))
    yield folder
    assert [path.name for path in folder.glob("provisioner-*")] == []


def document(app: FilesApp, chart: dict[str, Any], **spec: Any) -> dict[str, Any]:
    made = app.verifier(**spec)
    made["spec"]["application"]["chart"] = chart
    return made


def refused(provisioner: Provisioner, wanted: dict[str, Any], *sentences: str) -> None:
    """A plan ends there, and nothing reads like a bad backup."""
    planned = provisioner.plan(wanted)
    assert planned.exit_code == 3, planned.told
    for sentence in sentences:
        assert sentence in planned.told


def test_chart_of_a_repository(provisioner: Provisioner, app: FilesApp, owner: Owner) -> None:
    folder = owner.publish(owner.chart(version="1.2.3"))
    owner.publish(owner.chart(version="1.3.0"))
    with chart_repository(folder) as url:
        wanted = document(app, {"repo": url, "name": "files", "version": "1.2.3"})
        planned = provisioner.plan(wanted)
        assert f"chart\n  files 1.2.3  {url}\n" in planned.out, planned.told
        ended = provisioner.run(wanted)
    assert ended.verdict == ("Passed", None), ended.report
    assert ended.report["chart"] == {
        "name": "files", "version": "1.2.3", "appVersion": "", "source": url,
    }  # fmt: skip


def test_what_a_repository_has_not(provisioner: Provisioner, app: FilesApp, owner: Owner) -> None:
    folder = owner.publish(owner.chart(version="1.2.3"))
    with chart_repository(folder) as url:
        version = document(app, {"repo": url, "name": "files", "version": "9.9.9"})
        refused(
            provisioner, version,
            f"chart repository {url} has no version 9.9.9 of chart files", "there are: 1.2.3",
        )  # fmt: skip
        name = document(app, {"repo": url, "name": "flies", "version": "1.2.3"})
        refused(
            provisioner, name,
            f"chart repository {url} has no chart flies", "nearest is files; there are: files",
        )  # fmt: skip


def test_repository_and_registry_that_do_not_answer(
    provisioner: Provisioner, app: FilesApp
) -> None:
    repository = {"repo": f"http://{NOWHERE}", "name": "files", "version": "1.2.3"}
    ended = provisioner.run(document(app, repository))
    assert ended.verdict == ("Errored", "Chart"), ended.report
    message = ended.report["message"]
    assert message.startswith(f"chart repository http://{NOWHERE} cannot be read: Get "), message
    assert "connection refused" in message
    oci = {"oci": f"oci://{NOWHERE}/charts/files", "version": "1.2.3"}
    refused(provisioner, document(app, oci), f"registry {NOWHERE} cannot be read: ", "refused")


def test_repository_with_a_login(
    provisioner: Provisioner, app: FilesApp, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a Secret, or of the user's own Helm; without any it says what to do."""
    folder = owner.publish(owner.chart(version="1.2.3"))
    with chart_repository(folder, login=LOGIN) as url:
        wanted = document(app, {"repo": url, "name": "files", "version": "1.2.3"})
        refused(
            provisioner, wanted, f"chart repository {url} refuses access: ",
            "name a Secret with username and password: spec.application.chart.secret",
        )  # fmt: skip
        entry = {"name": "own", "url": f"{url}/", "username": LOGIN[0], "password": LOGIN[1]}
        own = owner.folder / "own.yaml"
        own.write_text(yaml.safe_dump({"apiVersion": "", "repositories": [entry]}))
        monkeypatch.setenv("HELM_REPOSITORY_CONFIG", str(own))
        planned = provisioner.plan(wanted)
        assert planned.exit_code == 0, planned.told
        wanted["spec"]["application"]["chart"]["secret"] = "charts"
        login(provisioner.kubectl, app.namespace, "wrong-password")
        refused(provisioner, wanted, "check username and password in Secret charts")
        login(provisioner.kubectl, app.namespace, LOGIN[1])
        assert provisioner.plan(wanted).exit_code == 0


def login(kubectl: Kubectl, namespace: str, password: str) -> None:
    kubectl.create_secret(namespace, "charts", {"username": LOGIN[0], "password": password})


def test_chart_of_a_registry(provisioner: Provisioner, app: FilesApp, owner: Owner) -> None:
    with registry() as url:
        owner.push(owner.chart(version="1.2.3"), url)
        wanted = document(app, {"oci": f"{url}/charts/files", "version": "1.2.3"})
        ended = provisioner.run(wanted)
        assert ended.verdict == ("Passed", None), ended.report
        assert ended.report["chart"]["source"] == f"{url}/charts/files"
        wanted["spec"]["application"]["chart"]["version"] = "9.9.9"
        refused(provisioner, wanted, f"chart {url}/charts/files in version 9.9.9 is not there")


def test_registry_with_a_login(provisioner: Provisioner, app: FilesApp, owner: Owner) -> None:
    with registry(login=LOGIN) as url:
        config = owner.folder / "registry.json"
        arguments = ["registry", "login", url.removeprefix("oci://"), "--plain-http"]
        arguments += ["--username", LOGIN[0], "--password", LOGIN[1]]
        owner.run(*arguments, HELM_REGISTRY_CONFIG=str(config))
        owner.push(owner.chart(version="1.2.3"), url, HELM_REGISTRY_CONFIG=str(config))
        wanted = document(app, {"oci": f"{url}/charts/files", "version": "1.2.3"})
        refused(provisioner, wanted, f"registry {url.removeprefix('oci://')} refuses access: ")
        wanted["spec"]["application"]["chart"]["secret"] = "charts"
        refused(
            provisioner, wanted,
            f"chart.secret: there is no Secret charts in namespace {app.namespace}",
        )  # fmt: skip
        login(provisioner.kubectl, app.namespace, LOGIN[1])
        planned = provisioner.plan(wanted, "--output", "json")
    assert planned.plan["chart"]["version"] == "1.2.3", planned.told
    assert LOGIN[1] not in planned.out + planned.told


def live(app: FilesApp, **application: Any) -> dict[str, Any]:
    """A verifier of the live release, which names neither a release nor values."""
    made = app.verifier(checks=[SAID, check("cat /data/index.html", equals="hello")])
    chart = {"release": {"namespace": app.namespace, "name": "web"}}
    made["spec"]["application"] = {"chart": chart, **application}
    return made


def test_live_release(provisioner: Provisioner, app: FilesApp, owner: Owner) -> None:
    """Its own chart and values, whatever became of the files that it was installed from."""
    chart = owner.chart(version="1.2.3")
    (chart / ".helmignore").write_text("*.orig\n")
    (chart / "crds").mkdir()
    (chart / "crds" / "README.md").write_text("none yet\n")
    owner.install(chart, {"command": SAYS.format("of production")})
    (chart / "values.yaml").write_text("image: no-such-image\n")
    (chart / "templates" / "all.yaml").write_text('{{ fail "changed since" }}')
    ended = provisioner.run(live(app))
    assert ended.verdict == ("Passed", None), ended.report
    assert ended.report["chart"] == {
        "name": "files", "version": "1.2.3", "appVersion": "",
        "source": f"release web in namespace {app.namespace}, revision 1",
    }  # fmt: skip


def test_live_release_is_what_was_deployed_last(
    provisioner: Provisioner, app: FilesApp, owner: Owner
) -> None:
    """An upgrade that failed since then is not production; one that went well is."""
    chart = owner.chart(version="1.2.3")
    owner.install(chart, {"command": SAYS.format("at first")})
    owner.upgrade(chart, {"command": SAYS.format("of production")})
    owner.upgrade(chart, {"extra": {"kind": "Nothing", "apiVersion": "v1"}}, works=False)
    planned = provisioner.plan(live(app), "--output", "json")
    assert planned.plan["chart"]["source"].endswith("revision 2"), planned.told


def test_values_of_all_sources_in_their_order(
    provisioner: Provisioner, app: FilesApp, owner: Owner
) -> None:
    """Live release, then valuesFrom one over the other, then the document's own; null deletes."""
    hidden = "swordfish-in-a-secret"
    shown = {"command": SAYS.format("of nobody"), "podSecurityContext": {"runAsUser": 4711}}
    owner.install(owner.chart(), {"command": SAYS.format("of production"), **shown})
    secret = {"command": SAYS.format("of a secret"), "podSecurityContext": {"runAsUser": None}}
    text = yaml.safe_dump({**secret, "adminPassword": hidden})
    provisioner.kubectl.create_secret(app.namespace, "values", {"values.yaml": text})
    of_map = yaml.safe_dump({"command": SAYS.format("of production")})
    provisioner.kubectl.apply(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "values", "namespace": app.namespace},
            "data": {"blog.yaml": of_map},
        }
    )
    sources = [{"secret": "values"}, {"configMap": "values", "key": "blog.yaml"}]
    wanted = live(app, valuesFrom=sources, values={"replicas": 1})
    question = f"id -u; echo {hidden[:5]}{hidden[5:]}; cat /data/index.html"
    wanted["spec"]["checks"] = [SAID, check(question, "who", matches="^0")]
    ended = provisioner.run(wanted)
    assert ended.verdict == ("Passed", None), ended.report
    assert ended.check("who")["saw"] == "0 *** hello"
    assert hidden not in json.dumps(ended.report) + ended.told


def test_values_that_are_not_there(provisioner: Provisioner, app: FilesApp) -> None:
    provisioner.kubectl.create_secret(app.namespace, "values", {"a": "[1", "b": "- swordfish"})
    for source, sentence in (
        ({"configMap": "values"}, f"there is no ConfigMap values in namespace {app.namespace}"),
        ({"secret": "values"}, "valuesFrom: Secret values has no key values.yaml"),
        ({"secret": "values", "key": "a"}, "Secret values, key a, line 2: no valid YAML"),
        ({"secret": "values", "key": "b"}, "Secret values, key b: no values, which are a mapping"),
    ):
        wanted = app.verifier()
        wanted["spec"]["application"]["valuesFrom"] = [source]
        refused(provisioner, wanted, sentence)


def test_release_that_is_not_there(provisioner: Provisioner, app: FilesApp, owner: Owner) -> None:
    wanted = live(app)
    refused(
        provisioner, wanted,
        f"there is no release web in namespace {app.namespace}", "releases there: none",
    )  # fmt: skip
    broken = {"extra": {"kind": "Nothing", "apiVersion": "v1"}}
    owner.upgrade(owner.chart(), broken, "site", works=False)
    # An object that nobody knows ends Helm before it records; one that is refused does not.
    named = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "refused"}}
    invalid = {**named, "data": {"no/key": ""}}
    owner.upgrade(owner.chart(), {"extra": invalid}, "wbe", works=False)
    refused(provisioner, wanted, "nearest is wbe; releases there: wbe")
    wanted["spec"]["application"]["chart"]["release"]["name"] = "wbe"
    refused(
        provisioner, wanted,
        f"release wbe in namespace {app.namespace} has no deployed revision: 1 failed",
    )  # fmt: skip


def test_release_of_another_namespace(provisioner: Provisioner, app: FilesApp) -> None:
    wanted = live(app)
    wanted["spec"]["application"]["chart"]["release"]["namespace"] = "kube-system"
    planned = provisioner.plan(wanted)
    assert planned.exit_code == 2
    assert (
        "spec.application.chart.release.namespace: 'kube-system', another namespace than the "
        f"verifier's; expected {app.namespace}, as metadata.namespace has it" in planned.told
    )


def test_live_release_with_a_subchart(
    provisioner: Provisioner, app: FilesApp, owner: Owner
) -> None:
    """In the very version that is live, though it was installed by a range and an alias."""
    folder = owner.publish(owner.chart(version="1.2.3"))
    with chart_repository(folder) as url:
        parent = owner.parent(
            {"name": "files", "alias": "content", "version": "1.x.x", "repository": url},
        )
        owner.install(parent, {"content": {"command": SAYS.format("of production")}})
        owner.publish(owner.chart(version="1.9.9"))
        ended = provisioner.run(live(app))
        assert ended.verdict == ("Passed", None), ended.report
        assert ended.report["chart"]["name"] == "site"
    refused(provisioner, live(app), f"chart repository {url} cannot be read")


def test_live_release_with_a_subchart_that_is_nowhere(
    provisioner: Provisioner, app: FilesApp, owner: Owner
) -> None:
    owner.chart(version="1.2.3")
    local = {"name": "files", "version": "1.2.3", "repository": "file://../files"}
    owner.install(owner.parent(local), {})
    refused(
        provisioner, live(app),
        "Helm keeps no copy of a release's subcharts, and for release web it cannot be told where"
        " to get them: files 1.2.3 of file://../files",
        "give the chart itself: spec.application.chart.path, repo or oci",
    )  # fmt: skip


def test_interrupted_with_a_fetched_chart(
    provisioner: Provisioner, app: FilesApp, owner: Owner, temporary: Path
) -> None:
    owner.install(owner.chart(), {"command": SAYS.format("of production")})
    there: list[Path] = []

    def stop(child: Any, _: str) -> None:
        there.extend(temporary.glob("provisioner-*/*.tgz"))
        child.send_signal(signal.SIGINT)

    ended = provisioner.act(live(app), "restore: begins", stop)
    assert ended.verdict == ("Cancelled", None), ended.report
    assert there
