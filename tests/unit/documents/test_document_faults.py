"""Unknown fields, wrong types and values, and choices, with the exact place they are told at."""

from pathlib import Path

import pytest
from document_fakes import VALID, Change, demand_only_fault

CASES = {
    "typo in a field": (
        ("    releaseName: blog", "    releasName: blog"),
        "8:5: spec.application.releasName: the unknown field 'releasName'; "
        "expected one of: chart, releaseName, values, valuesFrom, copySecrets, patches "
        "(did you mean releaseName?)",
    ),
    "typo in a check's kind": (
        ("      http: {service: blog}", "      htpp: {service: blog}"),
        "23:7: spec.checks[0].htpp: the unknown field 'htpp'; expected one of: name, timeout, "
        "retries, severity, needs, "
        "sql, redis, http, tcp, exec, script, job, helmTest, kubernetes, files, standard "
        "(did you mean http?)",
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
    "typo in a quota's resource": (
        ("  timeout: 1h", "  sandbox: {quota: {request.memory: 8Gi, count/jobs.batch: 3}}"),
        "26:21: spec.sandbox.quota.request.memory: the unknown resource 'request.memory'; expected "
        "one of: cpu, memory, ephemeral-storage, requests.cpu, requests.memory, "
        "requests.ephemeral-storage, requests.storage, limits.cpu, limits.memory, "
        "limits.ephemeral-storage, pods, services, services.nodeports, services.loadbalancers, "
        "persistentvolumeclaims, configmaps, secrets, replicationcontrollers, resourcequotas "
        "(did you mean requests.memory?)",
    ),
    "typo in a limit's resource": (
        ("  timeout: 1h", "  sandbox: {limits: {max: {mem: 8Gi, hugepages-2Mi: 1}}}"),
        "26:28: spec.sandbox.limits.max.mem: the unknown resource 'mem'; "
        "expected one of: cpu, memory, ephemeral-storage (did you mean memory?)",
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
        "expected exactly one of: volume, claim, stream",
    ),
    "no place": (
        ("{claim: {name: blog-uploads}}", "{}"),
        "20:13: spec.restores[1].into: none of them; "
        "expected exactly one of: volume, claim, stream",
    ),
    "two kinds of check": (
        ("      http: {service: blog}", "      http: {service: blog}\n      helmTest: {}"),
        "22:7: spec.checks[0]: http and helmTest together; "
        "expected exactly one of: sql, redis, http, tcp, exec, script, job, helmTest, "
        "kubernetes, files, standard",
    ),
    "no kind of check": (
        ("      http: {service: blog}\n", ""),
        "22:7: spec.checks[0]: none of them; "
        "expected exactly one of: sql, redis, http, tcp, exec, script, job, helmTest, "
        "kubernetes, files, standard",
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
        "23:21: spec.checks[0].sql.engine: 'mysl'; expected one of: mysql, mariadb, postgres "
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
}


@pytest.mark.parametrize(("change", "told"), CASES.values(), ids=CASES.keys())
def test_tells_the_fault_at_its_place(document: Path, change: Change, told: str) -> None:
    demand_only_fault(document, change, told)
