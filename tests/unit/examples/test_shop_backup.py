"""The backup's Job is what decides whether database and queue belong together."""

import pytest

from examples.common.backup import BackupError
from examples.common.cluster import Object
from examples.shop.demo import backup
from examples.shop.demo.production import Production

SHOP = Production(namespace="shop-1", release="corner")


def spec(cut_in_half: str = "") -> Object:
    made = backup._job(backup._Request(SHOP, cut_in_half))
    found: Object = made["spec"]["template"]["spec"]
    return found


def containers() -> dict[str, Object]:
    return {c["name"]: c for c in [*spec()["initContainers"], *spec()["containers"]]}


def environment(container: Object) -> dict[str, str]:
    return {e["name"]: e["value"] for e in container["env"] if "value" in e}


def test_the_queue_is_copied_before_the_database() -> None:
    names = [one["name"] for one in spec()["initContainers"]]
    assert names.index("copy-queue") < names.index("copy-database")


def test_the_repository_is_written_by_one_at_a_time() -> None:
    assert [one["name"] for one in spec()["initContainers"]][-1] == "database"
    assert [one["name"] for one in spec()["containers"]] == ["queue"]


def test_both_go_into_one_repository_and_differ_in_tag_and_path() -> None:
    parts = {name: environment(containers()[name]) for name in backup.PARTS}
    assert {one["RESTIC_REPOSITORY"] for one in parts.values()} == {
        "rest:http://10.96.50.10:8000/shop-1"
    }
    assert {name: (one["BACKUP_TAGS"], one["BACKUP_PATH"]) for name, one in parts.items()} == {
        "database": ("shop,database", "/database"),
        "queue": ("shop,queue", "/queue"),
    }


def test_production_is_mounted_for_reading_only_and_without_a_group_change() -> None:
    assert "fsGroup" not in spec()["securityContext"]
    claims = [v["persistentVolumeClaim"] for v in spec()["volumes"] if "persistentVolumeClaim" in v]
    assert claims == [{"claimName": "data-corner-redis-0", "readOnly": True}]


def test_a_table_to_damage_is_handed_to_the_copy_of_the_database() -> None:
    found = {c["name"]: c for c in spec("orders")["initContainers"]}["copy-database"]
    assert environment(found)["CUT_IN_HALF"] == "orders"


def test_the_snapshots_are_read_from_the_log() -> None:
    told = "\n".join(
        [
            "[pod/backup-1-x/copy-queue] OK",
            "[pod/backup-1-x/database] snapshot 1a2b3c4d saved",
            "[pod/backup-1-x/queue] processed 3 files, 12 KiB in 0:00",
            "[pod/backup-1-x/queue] snapshot 99ffee00 saved",
        ]
    )
    assert backup.saved(told) == {"database": "1a2b3c4d", "queue": "99ffee00"}


def test_a_log_that_lacks_a_snapshot_is_no_backup() -> None:
    with pytest.raises(BackupError, match="which snapshots it saved"):
        backup.saved("[pod/backup-1-x/database] snapshot 1a2b3c4d saved\n")
