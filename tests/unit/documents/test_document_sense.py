"""What is well formed and cannot be meant, with the exact place it is told at."""

from pathlib import Path

import pytest
from document_fakes import Change, demand_only_fault

CASES = {
    "a query that expects nothing": (
        (
            "      exec: {workload: Deployment/blog, command: [count]}",
            "      sql: {engine: mysql, workload: StatefulSet/db, service: db, secret: s, "
            "database: d, query: q, expect: {}}",
        ),
        "25:109: spec.checks[1].sql.expect: no expectation, which a count of 0 fits; expected at "
        "least one of equals, min, max, matches, notOlderThan, baseline; left out it is min: 1",
    ),
    "dangling reference": (
        ("      from: uploads", "      from: upload"),
        "19:13: spec.restores[1].from: 'upload'; expected a repository of this document, "
        "one of: database, uploads (did you mean uploads?)",
    ),
    "files of no restore": (
        (
            "      exec: {workload: Deployment/blog, command: [count]}",
            "      files: {restore: upload}",
        ),
        "25:24: spec.checks[1].files.restore: 'upload'; expected a restore of this document, "
        "one of: database, uploads (did you mean uploads?)",
    ),
    "a standard set of no restore": (
        (
            "      exec: {workload: Deployment/blog, command: [count]}",
            "      standard: {set: files, restores: [uploads, upload]}",
        ),
        "25:50: spec.checks[1].standard.restores[1]: 'upload'; expected a restore of this "
        "document, one of: database, uploads (did you mean uploads?)",
    ),
    "files of a login": (
        (
            "      exec: {workload: Deployment/blog, command: [count]}",
            "      standard: {set: files, secret: blog}",
        ),
        "25:38: spec.checks[1].standard.secret: secret with set: files; expected nothing but "
        "set, restores, exclude, maxDrop",
    ),
    "restores of an engine": (
        (
            "      exec: {workload: Deployment/blog, command: [count]}",
            "      standard: {set: redis, restores: [uploads]}",
        ),
        "25:40: spec.checks[1].standard.restores: restores with set: redis; expected restores "
        "with set: files alone",
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
        "20:80: spec.restores[1].into.volume.replica: text; expected a whole number",
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
    "strategy of a stream": (
        (
            "into: {claim: {name: blog-uploads}}",
            "into: {stream: {workload: Deployment/db, command: [load]}}\n      strategy: preseed",
        ),
        "21:17: spec.restores[1].strategy: a strategy beside a stream; "
        "expected none: it is streamed",
    ),
    "in place beside a stream": (
        (
            "name: data}}\n    - name: uploads\n      from: uploads\n"
            "      into: {claim: {name: blog-uploads}}",
            "name: data}}\n      strategy: inplace\n    - name: uploads\n      from: uploads\n"
            "      into: {stream: {workload: Deployment/db, command: [load]}}",
        ),
        "18:17: spec.restores[0].strategy: inplace, and a restore is streamed on line 21; "
        "expected one of the two in a document",
    ),
    "strategy that there is none of": (
        (
            "into: {claim: {name: blog-uploads}}",
            "into: {claim: {name: blog-uploads}}\n      strategy: inplaec",
        ),
        "21:17: spec.restores[1].strategy: 'inplaec'; expected one of: preseed, inplace (did you "
        "mean inplace?)",
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
    "a text that is on every page": (
        ("http: {service: blog}", 'http: {service: blog, expect: {contains: " "}}'),
        "23:48: spec.checks[0].http.expect.contains: ' '; expected text that is not blank",
    ),
    "a pattern of nothing": (
        ("http: {service: blog}", 'http: {service: blog, expect: {matches: ""}}'),
        "23:47: spec.checks[0].http.expect.matches: nothing in it; expected text that is not empty",
    ),
    "a pattern that is on every page": (
        ("http: {service: blog}", 'http: {service: blog, expect: {matches: ".*"}}'),
        "23:47: spec.checks[0].http.expect.matches: '.*', which is found in an empty text, too; "
        "expected a pattern that not every answer fits",
    ),
    "a pattern that every row fits": (
        ("command: [count]}", "command: [count], expect: {matches: a*}}"),
        "25:77: spec.checks[1].exec.expect.matches: 'a*', which is found in an empty text, too; "
        "expected a pattern that not every answer fits",
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
        "26:16: spec.consistency: none of them; expected at least one of: key, maxSkew, maxAge",
    ),
    "what is not built": (
        ("  timeout: 1h", "  consistency: {maxDrift: 26h}\n  timeout: 1h"),
        "26:17: spec.consistency.maxDrift: the unknown field 'maxDrift'; "
        "expected one of: key, maxSkew, maxAge",
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


@pytest.mark.parametrize(("change", "told"), CASES.values(), ids=CASES.keys())
def test_tells_the_fault_at_its_place(document: Path, change: Change, told: str) -> None:
    demand_only_fault(document, change, told)
