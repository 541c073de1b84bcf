"""An application of another shape: two parts in one repository, and a worker that goes on."""

import re
from typing import Any

from examples.common.stores import REST_ADDRESS, REST_PORT
from tests.cluster.provisioner import Ended, Provisioner
from tests.cluster.shop import ShopBackups, verifier

BELONG_TOGETHER = "every job has its order, and every order an invoice or a job"
DOCUMENTS = "every document is as it was written, and has its order"
NO_ROWS_LOST = "postgres: no rows are lost"

CALL_OUTSIDE = ["python3", "-c", f"""
import socket
try:
    socket.create_connection(("{REST_ADDRESS}", {REST_PORT}), 3)
    print("reached")
except TimeoutError:
    print("fenced")
"""]  # fmt: skip


def failed(ended: Ended) -> set[str]:
    return {one["name"] for one in ended.report["checks"] if one["state"] == "Failed"}


def with_fence_check(document: dict[str, Any]) -> dict[str, Any]:
    question = {"workload": "Deployment/shop-worker", "command": CALL_OUTSIDE}
    check = {"name": "the worker is fenced", "exec": {**question, "expect": {"equals": "fenced"}}}
    document["spec"]["checks"].append(check)
    return document


def test_good_backup_passes_and_the_worker_is_fenced(
    provisioner: Provisioner, shop_backups: ShopBackups
) -> None:
    worker = ("-n", shop_backups.namespace, "deployment/shop-worker")
    assert provisioner.kubectl.run("exec", *worker, "--", *CALL_OUTSIDE) == "reached\n"
    ended = provisioner.run(with_fence_check(verifier(shop_backups)))
    report = ended.report
    assert ended.verdict == ("Passed", None), report
    assert report["evidence"] == "proven"
    assert ended.exit_code == 0
    assert {one["state"] for one in report["checks"]} == {"Passed"}
    newest = {one["restore"]: one["id"][:8] for one in report["snapshots"]}
    assert newest == shop_backups.good
    assert {one["repository"] for one in report["snapshots"]} == {"backups"}
    assert all(one["files"] > 0 and one["bytes"] > 0 for one in report["restores"])
    assert re.search(r"looked at 1601 orders, .* 0 problems", ended.check(BELONG_TOGETHER)["saw"])


def test_queue_of_another_day(provisioner: Provisioner, shop_backups: ShopBackups) -> None:
    mixed = {"database": shop_backups.first_day["database"], "queue": shop_backups.good["queue"]}
    ended = provisioner.run(verifier(shop_backups, mixed))
    assert ended.verdict == ("Failed", "Check"), ended.report
    assert ended.exit_code == 1
    assert failed(ended) == {BELONG_TOGETHER}
    assert BELONG_TOGETHER in ended.report["message"]
    assert "job of order 1501: there is no such order" in ended.report["message"]


def test_table_cut_in_half(provisioner: Provisioner, shop_backups: ShopBackups) -> None:
    ended = provisioner.run(verifier(shop_backups, shop_backups.cut))
    assert ended.verdict == ("Failed", "Check"), ended.report
    assert ended.exit_code == 1
    assert {BELONG_TOGETHER, DOCUMENTS, NO_ROWS_LOST} <= failed(ended)
    assert not any(name.startswith("redis") for name in failed(ended))
    lost = str(ended.check(NO_ROWS_LOST))
    assert re.search(r"orders: \d+ of 1601 rows that its index .* are gone", lost)
    # Which of its blocks the server comes upon first is its own affair.
    damage = r'^[1-9]\d* damaged of 1600$|^ERROR XX001: could not read block \d+ in file "base/'
    assert re.search(damage, ended.check(DOCUMENTS)["saw"])
    assert "there is no such order" in ended.check(BELONG_TOGETHER)["message"]


def test_secret_that_was_not_copied(provisioner: Provisioner, shop_backups: ShopBackups) -> None:
    """The chart makes new passwords, and the restored database knows production's."""
    document = verifier(shop_backups)
    application = document["spec"]["application"]
    del application["values"]["auth"], application["copySecrets"]
    document["spec"]["readiness"] = {"timeout": "40s"}
    ended = provisioner.run(document)
    assert ended.verdict == ("Inconclusive", "Configuration"), ended.report
    assert ended.exit_code == 4
    assert 'password authentication failed for user "shop"' in ended.report["message"]
    assert "copySecrets" in ended.report["hint"]
    assert ended.report["evidence"] == "restored"
