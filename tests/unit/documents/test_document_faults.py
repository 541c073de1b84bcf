"""Every fault a user can write, with the exact place it is told at."""

import json
from pathlib import Path

import pytest
import yaml

from provisioner.documents import load_verifier
from provisioner.errors import DocumentError, Problem

VALID = """\
apiVersion: verify.provisioner.dev/v1alpha1
kind: BackupVerifier
metadata:
  name: blog
spec:
  application:
    chart: {path: ./chart}
    releaseName: blog
  repositories:
    - name: database
      restic: {url: "rest:http://backup:hunter2@store/", secret: restic-database}
    - name: uploads
      restic: {url: "s3:http://store/uploads", secret: restic-uploads}
  restores:
    - name: database
      from: database
      into: {volume: {workload: StatefulSet/blog-mariadb, name: data}}
    - name: uploads
      from: uploads
      into: {claim: {name: blog-uploads}}
  checks:
    - name: front page
      http: {service: blog}
    - name: posts
      exec: {workload: Deployment/blog, command: [count]}
  timeout: 1h
"""

CASES = {
    "a query that expects nothing": (
        (
            "      exec: {workload: Deployment/blog, command: [count]}",
            "      sql: {engine: mysql, workload: StatefulSet/db, service: db, secret: s, "
            "database: d, query: q, expect: {}}",
        ),
        "25:109: spec.checks[1].sql.expect: no expectation, which a count of 0 fits; expected at "
        "least one of equals, min, max, matches; left out it is min: 1",
    ),
    "typo in a field": (
        ("    releaseName: blog", "    releasName: blog"),
        "8:5: spec.application.releasName: the unknown field 'releasName'; "
        "expected one of: chart, releaseName, values, valuesFrom, copySecrets, patches "
        "(did you mean releaseName?)",
    ),
    "typo in a check's kind": (
        ("      http: {service: blog}", "      htpp: {service: blog}"),
        "23:7: spec.checks[0].htpp: the unknown field 'htpp'; expected one of: name, timeout, "
        "sql, http, tcp, exec, script, helmTest (did you mean http?)",
    ),
    "wrong kind": (
        ("kind: BackupVerifier", "kind: BackupVerifer"),
        "2:7: kind: 'BackupVerifer'; expected BackupVerifier",
    ),
    "no kind": (
        ("kind: BackupVerifier\n", ""),
        "1:1: kind: nothing; expected BackupVerifier",
    ),
    "wrong version": (
        ("dev/v1alpha1", "dev/v2"),
        "1:13: apiVersion: 'verify.provisioner.dev/v2'; expected verify.provisioner.dev/v1alpha1",
    ),
    "no version": (
        ("apiVersion: verify.provisioner.dev/v1alpha1\n", ""),
        "1:1: apiVersion: nothing; expected verify.provisioner.dev/v1alpha1",
    ),
    "missing field": (
        ("    releaseName: blog\n", ""),
        "7:5: spec.application.releaseName: nothing; expected a value, which is needed "
        "(Production's release name: claims are named after it)",
    ),
    "empty value": (
        ("  name: blog", "  name:"),
        "4:8: metadata.name: nothing; expected a name of lower-case letters, digits and '-', "
        "such as blog-db",
    ),
    "bad name": (
        ("  name: blog", "  name: My Blog"),
        "4:9: metadata.name: 'My Blog'; expected a name of lower-case letters, digits and '-', "
        "such as blog-db",
    ),
    "name too long": (
        ("  name: blog", "  name: " + "b" * 41),
        "4:9: metadata.name: 41 characters; expected at most 40 characters",
    ),
    "number for text": (
        ("secret: restic-database", "secret: 12345"),
        "11:66: spec.repositories[0].restic.secret: a number; expected text (put it in quotes)",
    ),
    "text for a mapping": (
        ("chart: {path: ./chart}", "chart: ./chart"),
        "7:12: spec.application.chart: text; expected a mapping",
    ),
    "no restores": (
        (VALID[VALID.index("  restores:") : VALID.index("  checks:")], "  restores: []\n"),
        "14:13: spec.restores: nothing in it; expected a list that is not empty",
    ),
    "number for a duration": (
        ("timeout: 1h", "timeout: 60"),
        "26:12: spec.timeout: a number; expected a duration such as 90s, 15m or 1h30m",
    ),
    "no duration": (
        ("timeout: 1h", "timeout: 10x"),
        "26:12: spec.timeout: '10x'; expected a duration such as 90s, 15m or 1h30m",
    ),
    "duration in no order": (
        ("timeout: 1h", "timeout: 5m1h"),
        "26:12: spec.timeout: '5m1h' is no duration such as 90s, 15m or 1h30m; "
        "expected a value that fits",
    ),
    "endless duration": (
        ("timeout: 1h", "timeout: 999999999d"),
        "26:12: spec.timeout: '999999999d' is longer than a year; expected a value that fits",
    ),
    "bad quantity in the quota": (
        ("  timeout: 1h", "  sandbox: {quota: {requests.memory: 8GB}}"),
        "26:38: spec.sandbox.quota.requests.memory: '8GB'; "
        "expected a quantity such as 500m, 2 or 8Gi",
    ),
    "negative quantity": (
        ("  timeout: 1h", "  sandbox: {quota: {pods: -1}}"),
        "26:27: spec.sandbox.quota.pods: -1; expected a number of at least 0",
    ),
    "bad quantity in the limits": (
        ("  timeout: 1h", "  sandbox: {limits: {default: {cpu: 1 core}}}"),
        "26:37: spec.sandbox.limits.default.cpu: '1 core'; "
        "expected a quantity such as 500m, 2 or 8Gi",
    ),
    "typo in the limits": (
        ("  timeout: 1h", "  sandbox: {limits: {defaultRequests: {cpu: 1}}}"),
        "26:22: spec.sandbox.limits.defaultRequests: the unknown field 'defaultRequests'; expected "
        "one of: default, defaultRequest, max, min, maxLimitRequestRatio "
        "(did you mean defaultRequest?)",
    ),
    "no quantity at all": (
        ("  timeout: 1h", "  sandbox: {quota: {pods: }}"),
        "26:26: spec.sandbox.quota.pods: nothing; expected a quantity such as 500m, 2 or 8Gi",
    ),
    "no time": (
        ("timeout: 1h", "timeout: 0s"),
        "26:12: spec.timeout: no time at all; expected a duration above zero",
    ),
    "two places": (
        (
            "{claim: {name: blog-uploads}}",
            "{claim: {name: u}, volume: {workload: Deployment/b, name: u}}",
        ),
        "20:13: spec.restores[1].into: volume and claim together; "
        "expected exactly one of: volume, claim",
    ),
    "no place": (
        ("{claim: {name: blog-uploads}}", "{}"),
        "20:13: spec.restores[1].into: none of them; expected exactly one of: volume, claim",
    ),
    "two kinds of check": (
        ("      http: {service: blog}", "      http: {service: blog}\n      helmTest: {}"),
        "22:7: spec.checks[0]: http and helmTest together; "
        "expected exactly one of: sql, http, tcp, exec, script, helmTest",
    ),
    "no kind of check": (
        ("      http: {service: blog}\n", ""),
        "22:7: spec.checks[0]: none of them; "
        "expected exactly one of: sql, http, tcp, exec, script, helmTest",
    ),
    "bad workload": (
        ("StatefulSet/blog-mariadb", "Pod/blog-mariadb"),
        "17:33: spec.restores[0].into.volume.workload: 'Pod/blog-mariadb'; "
        "expected a workload as Deployment/NAME, StatefulSet/NAME or DaemonSet/NAME",
    ),
    "bad engine": (
        (
            "http: {service: blog}",
            "sql: {engine: mysl, workload: Deployment/b, service: b, secret: b, database: b, "
            "query: q}",
        ),
        "23:21: spec.checks[0].sql.engine: 'mysl'; expected one of: mysql, postgres "
        "(did you mean mysql?)",
    ),
    "port out of range": (
        ("http: {service: blog}", "http: {service: blog, port: 99999}"),
        "23:35: spec.checks[0].http.port: 99999; expected a number of at most 65535",
    ),
    "relative web path": (
        ("http: {service: blog}", "http: {service: blog, path: wp-admin}"),
        "23:35: spec.checks[0].http.path: 'wp-admin'; expected a path that begins with /",
    ),
    "list for a scalar": (
        ("command: [count]}", "command: [count], expect: {equals: [1]}}"),
        "25:76: spec.checks[1].exec.expect.equals: a list; "
        "expected text or a whole number or a number",
    ),
    "dangling reference": (
        ("      from: uploads", "      from: upload"),
        "19:13: spec.restores[1].from: 'upload'; expected a repository of this document, "
        "one of: database, uploads (did you mean uploads?)",
    ),
    "two repositories of one name": (
        ("  restores:", "    - {name: database, restic: {url: a, secret: b}}\n  restores:"),
        "14:14: spec.repositories[2].name: 'database', the name of a repository on line 10; "
        "expected a name for each repository of its own",
    ),
    "two restores of one name": (
        ("    - name: uploads\n      from", "    - name: database\n      from"),
        "18:13: spec.restores[1].name: 'database', the name of a restore on line 15; "
        "expected a name for each restore of its own",
    ),
    "two checks of one name": (
        ("    - name: posts", "    - name: front page"),
        "24:13: spec.checks[1].name: 'front page', the name of a check on line 22; "
        "expected a name for each check of its own",
    ),
    "one place twice": (
        (
            "{claim: {name: blog-uploads}}",
            "{volume: {name: data, workload: StatefulSet/blog-mariadb}}",
        ),
        "20:13: spec.restores[1].into: the same place as the restore on line 17; "
        "expected a place for each restore of its own",
    ),
    "one replica, and all of them": (
        (
            "{claim: {name: blog-uploads}}",
            "{volume: {name: data, workload: StatefulSet/blog-mariadb, replica: 1}}",
        ),
        "20:13: spec.restores[1].into: the same place as the restore on line 17; "
        "expected a place for each restore of its own",
    ),
    "one replica twice": (
        (
            "name: data}}\n    - name: uploads\n      from: uploads\n"
            "      into: {claim: {name: blog-uploads}}",
            "name: data, replica: 1}}\n    - name: uploads\n      from: uploads\n"
            "      into: {volume: {name: data, workload: StatefulSet/blog-mariadb, replica: 1}}",
        ),
        "20:13: spec.restores[1].into: the same place as the restore on line 17; "
        "expected a place for each restore of its own",
    ),
    "replica that is no number": (
        (
            "{claim: {name: blog-uploads}}",
            "{volume: {name: data, workload: StatefulSet/blog-mariadb, replica: first}}",
        ),
        "20:81: spec.restores[1].into.volume.replica: text; expected a whole number",
    ),
    "replica of a Deployment": (
        (
            "{claim: {name: blog-uploads}}",
            "{volume: {name: data, workload: Deployment/blog, replica: 1}}",
        ),
        "20:71: spec.restores[1].into.volume.replica: the number of a replica, which "
        "Deployment/blog does not have; expected no replica, or a StatefulSet",
    ),
    "a folder outside of a volume": (
        ("name: data}}", "name: data, subPath: /srv}}"),
        "17:80: spec.restores[0].into.volume.subPath: '/srv'; "
        "expected a folder inside the claim, without / or ..",
    ),
    "a folder outside": (
        ("{name: blog-uploads}", "{name: blog-uploads, subPath: a/../..}"),
        "20:51: spec.restores[1].into.claim.subPath: 'a/../..'; "
        "expected a folder inside the claim, without / or ..",
    ),
    "range that nothing fits": (
        ("command: [count]}", "command: [count], expect: {min: 4, max: 2}}"),
        "25:73: spec.checks[1].exec.expect.min: min 4 above max 2, which no answer fits; "
        "expected min of at most max",
    ),
    "no regular expression": (
        ("http: {service: blog}", 'http: {service: blog, expect: {matches: "("}}'),
        "23:47: spec.checks[0].http.expect.matches: '(': missing ), unterminated subpattern at "
        "position 0; expected a regular expression",
    ),
    "chart's path that no system takes": (
        ("chart: {path: ./chart}", 'chart: {path: "a\\0b"}'),
        "7:19: spec.application.chart.path: {folder}/a\x00b, which does not exist; "
        "expected a chart's folder or .tgz, relative to the document",
    ),
    "patch without a value": (
        (
            "    releaseName: blog",
            "    patches: [{target: {kind: A, name: b}, patch: [{op: add, path: /a}]}]\n"
            "    releaseName: blog",
        ),
        "8:52: spec.application.patches[0].patch[0]: add without a value; "
        "expected a value that fits",
    ),
    "patch without a target": (
        (
            "    releaseName: blog",
            "    patches: [{target: {kind: A}, patch: [{op: remove, path: /a}]}]\n"
            "    releaseName: blog",
        ),
        "8:24: spec.application.patches[0].target.name: nothing; expected a value, which is needed",
    ),
    "no pointer": (
        (
            "    releaseName: blog",
            "    patches: [{target: {kind: A, name: b}, patch: [{op: remove, path: spec}]}]\n"
            "    releaseName: blog",
        ),
        "8:71: spec.application.patches[0].patch[0].path: 'spec'; "
        "expected a JSON pointer such as /spec/replicas",
    ),
    "no chart": (
        ("chart: {path: ./chart}", "chart: {}"),
        "7:12: spec.application.chart: none of them; "
        "expected exactly one of: path, repo, oci, release",
    ),
    "typo in a chart's place": (
        ("chart: {path: ./chart}", "chart: {pth: ./chart}"),
        "7:13: spec.application.chart.pth: the unknown field 'pth'; expected one of: path, repo, "
        "oci, release, name, version, secret (did you mean path?)",
    ),
    "two charts": (
        ("chart: {path: ./chart}", "chart: {path: ./chart, oci: 'oci://a/b', version: 1.2.3}"),
        "7:12: spec.application.chart: path and oci together; "
        "expected exactly one of: path, repo, oci, release",
    ),
    "repository without a chart's name": (
        ("chart: {path: ./chart}", "chart: {repo: 'https://a.example.com'}"),
        "7:12: spec.application.chart: repo without name and version; expected path; or release; "
        "or repo with name and version; or oci with version",
    ),
    "registry with a name": (
        ("chart: {path: ./chart}", "chart: {oci: 'oci://a/b', version: 1.2.3, name: b}"),
        "7:12: spec.application.chart: oci together with name; expected path; or release; "
        "or repo with name and version; or oci with version",
    ),
    "folder with a version and a secret": (
        ("chart: {path: ./chart}", "chart: {path: ./chart, version: 1.2.3, secret: s}"),
        "7:12: spec.application.chart: path together with version and secret; expected path; "
        "or release; or repo with name and version; or oci with version",
    ),
    "number for a version": (
        ("chart: {path: ./chart}", "chart: {oci: 'oci://a/b', version: 1.2}"),
        "7:40: spec.application.chart.version: a number; expected text (put it in quotes)",
    ),
    "no URL of a repository": (
        ("chart: {path: ./chart}", "chart: {repo: charts.example.com, name: b, version: 1.2.3}"),
        "7:19: spec.application.chart.repo: 'charts.example.com'; "
        "expected a URL such as https://charts.example.com",
    ),
    "no chart of a registry": (
        ("chart: {path: ./chart}", "chart: {oci: 'https://a/b', version: 1.2.3}"),
        "7:18: spec.application.chart.oci: 'https://a/b'; "
        "expected a chart such as oci://registry.example.com/charts/blog",
    ),
    "release of another namespace": (
        (
            "  name: blog\nspec:\n  application:\n    chart: {path: ./chart}",
            "  {name: blog, namespace: production}\nspec:\n  application:\n"
            "    chart: {release: {name: blog, namespace: staging}}",
        ),
        "7:46: spec.application.chart.release.namespace: 'staging', another namespace than the "
        "verifier's; expected production, as metadata.namespace has it",
    ),
    "values of two places": (
        (
            "    releaseName: blog",
            "    valuesFrom: [{secret: a, configMap: b}]\n    releaseName: blog",
        ),
        "8:18: spec.application.valuesFrom[0]: secret and configMap together; "
        "expected exactly one of: secret, configMap",
    ),
    "two ways to select": (
        ("      from: uploads\n", "      from: uploads\n      select: {id: 1a2b3c, tags: [a]}\n"),
        "20:15: spec.restores[1].select: id together with tags; "
        "expected tags, host and paths with at most one of asOf, random; or id alone",
    ),
    "number for an id": (
        ("      from: uploads\n", "      from: uploads\n      select: {id: 12345678}\n"),
        "20:20: spec.restores[1].select.id: a number; expected a snapshot's id: "
        "4 to 64 of the digits 0-9 and a-f (put it in quotes)",
    ),
    "no id": (
        ("      from: uploads\n", "      from: uploads\n      select: {id: latest}\n"),
        "20:20: spec.restores[1].select.id: 'latest'; "
        "expected a snapshot's id: 4 to 64 of the digits 0-9 and a-f",
    ),
    "no moment": (
        ("      from: uploads\n", "      from: uploads\n      select: {asOf: 2026-03-01}\n"),
        "20:22: spec.restores[1].select.asOf: '2026-03-01'; "
        "expected a moment as in RFC 3339, such as 2026-03-01T12:00:00Z",
    ),
    "no such day": (
        (
            "      from: uploads\n",
            "      from: uploads\n      select: {asOf: 2026-02-30T12:00:00Z}\n",
        ),
        "20:22: spec.restores[1].select.asOf: '2026-02-30T12:00:00Z' is no moment: "
        "day is out of range for month; expected a value that fits",
    ),
    "no consistency": (
        ("  timeout: 1h", "  consistency: {}\n  timeout: 1h"),
        "26:16: spec.consistency: none of them; expected at least one of: key, maxSkew",
    ),
    "what is not built": (
        ("  timeout: 1h", "  consistency: {maxAge: 26h}\n  timeout: 1h"),
        "26:17: spec.consistency.maxAge: the unknown field 'maxAge'; "
        "expected one of: key, maxSkew (did you mean maxSkew?)",
    ),
    "key twice": (
        ("  timeout: 1h", "  timeout: 1h\n  timeout: 2h"),
        "27:3: spec.timeout: the key 'timeout' a second time (first on line 26); "
        "expected each key once",
    ),
    "tag": (
        ("  name: blog", "  name: !!python/name:os.system blog"),
        "4:9: metadata.name: the tag tag:yaml.org,2002:python/name:os.system; "
        "expected a plain value, without a tag",
    ),
    "infinite number": (
        ("command: [count]}", "command: [count], expect: {min: !!float .inf}}"),
        "25:73: spec.checks[1].exec.expect.min: a value that cannot be read as float; "
        "expected a number",
    ),
}

NO_DOCUMENT = {
    "empty": (b"", "1:1: document: an empty file; expected a BackupVerifier"),
    "only comments": (b"# soon\n---\n", "1:1: document: an empty file; expected a BackupVerifier"),
    "text": (b"blog", "1:1: document: text; expected a mapping"),
    "list": (b"- a\n", "1:1: document: a list; expected a mapping"),
    "null": (b"null", "1:1: document: nothing; expected a mapping"),
    "several": (
        b"a: 1\n---\nb: 2\n---\nc: 3\n",
        "1:1: document: 3 documents, and none is a BackupVerifier; expected a BackupVerifier",
    ),
    "not UTF-8": (
        b"a: 1\nb: \xe4\n",
        "2:4: document: the byte 0xe4, which is not UTF-8; expected a text file in UTF-8",
    ),
    "control character": (
        b"a:\n  b: \x01",
        "2:6: document: the control character 0x01; expected text",
    ),
    "tab": (
        b"a:\n\tb: c\n",
        "2:1: document: no valid YAML: a tab where only spaces may indent; expected YAML",
    ),
    "open bracket": (
        b"a: [1\n",
        "2:1: document: no valid YAML: while parsing a flow sequence, expected ',' or ']', "
        "but got '<stream end>'; expected YAML",
    ),
    "unknown alias": (
        b"a: *b\n",
        "1:4: document: no valid YAML: found undefined alias 'b'; expected YAML",
    ),
    "alias to itself": (
        b"a: &x [*x]\n",
        "1:4: a[0]: an alias to what it stands in; expected an end to it",
    ),
    "nested without end": (
        b"[" * 3000,
        "1:1: document: lists or mappings nested hundreds deep; expected a document of usual depth",
    ),
}


def problems(path: Path) -> list[Problem]:
    with pytest.raises(DocumentError) as raised:
        load_verifier(path)
    return raised.value.problems


@pytest.fixture
def document(tmp_path: Path) -> Path:
    (tmp_path / "chart").mkdir()
    (tmp_path / "chart" / "Chart.yaml").write_text("name: blog\n")
    path = tmp_path / "verifier.yaml"
    path.write_text(VALID)
    return path


@pytest.mark.parametrize(("change", "told"), CASES.values(), ids=CASES.keys())
def test_tells_the_fault_at_its_place(document: Path, change: tuple[str, str], told: str) -> None:
    assert VALID.count(change[0]) == 1
    document.write_text(VALID.replace(*change))
    told = told.replace("{folder}", str(document.parent))
    assert [str(problem) for problem in problems(document)] == [f"{document}:{told}"]


@pytest.mark.parametrize(("content", "told"), NO_DOCUMENT.values(), ids=NO_DOCUMENT.keys())
def test_tells_one_problem_when_it_is_no_document(
    document: Path, content: bytes, told: str
) -> None:
    document.write_bytes(content)
    assert [str(problem) for problem in problems(document)] == [f"{document}:{told}"]


def test_tells_all_faults_at_once_in_the_order_of_the_file(document: Path) -> None:
    text = VALID.replace("name: blog\n", "name: B\n", 1).replace("from: uploads", "from: nowhere")
    text = text.replace("timeout: 1h", "timeout: 1").replace("exec:", "exce:")
    document.write_text(text + "  timeout: 2h\n")
    told = [(problem.line, problem.column, problem.path) for problem in problems(document)]
    assert told == [
        (4, 9, "metadata.name"),
        (19, 13, "spec.restores[1].from"),
        (25, 7, "spec.checks[1].exce"),
        (26, 12, "spec.timeout"),
        (27, 3, "spec.timeout"),
    ]


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda path: path.unlink(), "no such file or directory"),
        (lambda path: (path.unlink(), path.mkdir()), "is a directory"),
    ],
)
def test_a_file_that_cannot_be_read(document: Path, make, told: str) -> None:  # type: ignore[no-untyped-def]
    make(document)
    expected = f"{document}:1:1: document: {told}; expected a file that can be read"
    assert [str(problem) for problem in problems(document)] == [expected]


@pytest.mark.parametrize(
    ("remove", "told"),
    [
        (["Chart.yaml"], "{}, a folder without a Chart.yaml"),
        (["Chart.yaml", "."], "{}, which does not exist"),
    ],
)
def test_a_chart_that_is_not_there(document: Path, remove: list[str], told: str) -> None:
    chart = document.parent / "chart"
    for name in remove:
        path = chart / name
        path.unlink() if path.is_file() else path.rmdir()
    expected = (
        f"{document}:7:19: spec.application.chart.path: {told.format(chart)}; "
        "expected a chart's folder or .tgz, relative to the document"
    )
    assert [str(problem) for problem in problems(document)] == [expected]


def test_a_bomb_of_aliases_is_refused_and_not_unfolded(document: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for level in range(1, 30):
        lines.append(f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]")
    document.write_text("\n".join(lines))
    assert [problem.found for problem in problems(document)] == [
        "more than 100000 values, aliases unfolded"
    ]


def test_a_password_in_the_wrong_place_is_not_repeated(document: Path) -> None:
    text = VALID.replace("secret: restic-database", "password: hunter2, secret: [hunter2]")
    document.write_text(text)
    assert "hunter2" not in "".join(str(problem) for problem in problems(document))


def test_a_valid_document_loads_with_its_chart_made_absolute(
    document: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(document.parent.parent)
    verifier = load_verifier(document.relative_to(document.parent.parent))
    assert verifier.metadata.name == "blog"
    assert verifier.spec.application.chart.path == document.parent / "chart"
    assert [check.kind for check in verifier.spec.checks] == ["http", "exec"]


def test_values_are_read_as_helm_reads_them(document: Path) -> None:
    values = (
        "{on: off, old: 0755, date: 2024-01-01, big: 1e3, time: '1:30', clock: 1:30, 8080: x, "
        "low: 1_000, hex: 0x1f, half: .5, none: ~, word: n, base: &b {x: 1, y: 2}, "
        "merged: {<<: *b, y: 3}}"
    )
    document.write_text(
        VALID.replace("releaseName: blog", f"releaseName: blog\n    values: {values}")
    )
    assert load_verifier(document).spec.application.values == {
        "on": False,
        "old": 0o755,
        "date": "2024-01-01",
        "big": 1000.0,
        "time": "1:30",
        "clock": "1:30",
        "8080": "x",
        "low": 1000,
        "hex": 31,
        "half": 0.5,
        "none": None,
        "word": "n",
        "base": {"x": 1, "y": 2},
        "merged": {"x": 1, "y": 3},
    }


@pytest.mark.parametrize(
    "chart",
    [
        "{repo: 'https://charts.example.com', name: blog, version: 1.2.3, secret: charts}",
        "{oci: 'oci://registry.example.com/charts/blog', version: 1.2.3}",
        "{release: {name: blog}}",
    ],
)
def test_charts_that_are_elsewhere(document: Path, chart: str) -> None:
    document.write_text(VALID.replace("{path: ./chart}", chart))
    assert load_verifier(document).spec.application.chart.path is None


def test_a_live_release_names_itself(document: Path) -> None:
    """So releaseName may be left out; and it may be another one, as claims may be."""
    text = VALID.replace("{path: ./chart}", "{release: {name: live}}")
    document.write_text(text)
    assert load_verifier(document).spec.application.release == "blog"
    document.write_text(text.replace("    releaseName: blog\n", ""))
    assert load_verifier(document).spec.application.release == "live"


def test_quantities_may_be_plain_numbers(document: Path) -> None:
    sandbox = "{quota: {pods: 7, requests.cpu: 0.5}, limits: {max: {memory: 1Gi}}}"
    document.write_text(f"{VALID}  sandbox: {sandbox}\n")
    told = load_verifier(document).spec.sandbox.model_dump(by_alias=True, exclude_defaults=True)
    assert told == {
        "quota": {"pods": "7", "requests.cpu": "0.5"},
        "limits": {"max": {"memory": "1Gi"}},
    }


def test_a_byte_order_mark_is_no_fault(document: Path) -> None:
    document.write_bytes(b"\xef\xbb\xbf" + VALID.encode())
    assert load_verifier(document).metadata.name == "blog"


def test_json_is_a_document_too(document: Path) -> None:
    document.write_text(json.dumps(yaml.safe_load(VALID), indent=2))
    assert load_verifier(document).metadata.name == "blog"
