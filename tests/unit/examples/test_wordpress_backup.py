"""The backup's Job is what decides whether a restored database can boot."""

from examples.common.cluster import Object
from examples.wordpress.demo import backup
from examples.wordpress.demo.production import Production

SHOP = Production(namespace="shop-1", release="shop")


def job(**kwargs: object) -> Object:
    settings = {"session": "s1", "parts": backup.PARTS, "cut_in_half": "", **kwargs}
    return backup._job(backup._Request(SHOP, **settings))  # type: ignore[arg-type]


def containers(made: Object) -> dict[str, Object]:
    spec = made["spec"]["template"]["spec"]
    return {c["name"]: c for c in [*spec["initContainers"], *spec["containers"]]}


def environment(container: Object) -> dict[str, str]:
    return {e["name"]: e["value"] for e in container["env"] if "value" in e}


def test_both_parts_carry_one_session_and_go_to_repositories_of_their_own() -> None:
    parts = containers(job())
    tags = {environment(parts[name])["BACKUP_TAGS"] for name in backup.PARTS}
    assert tags == {"blog,session=s1"}
    assert (
        environment(parts["database"])["RESTIC_REPOSITORY"] == "rest:http://10.96.50.10:8000/shop-1"
    )
    assert (
        environment(parts["uploads"])["RESTIC_REPOSITORY"]
        == "s3:http://10.96.50.11:9000/shop-1-uploads"
    )


def test_each_part_gets_its_own_secret_alone() -> None:
    parts = containers(job())
    given = {name: parts[name]["envFrom"] for name in backup.PARTS}
    assert given == {
        "database": [{"secretRef": {"name": "restic-database"}}],
        "uploads": [{"secretRef": {"name": "restic-uploads"}}],
    }


def test_production_is_mounted_for_reading_only_and_without_a_group_change() -> None:
    made = job()
    spec = made["spec"]["template"]["spec"]
    assert "fsGroup" not in spec["securityContext"]
    claims = [v["persistentVolumeClaim"] for v in spec["volumes"] if "persistentVolumeClaim" in v]
    assert claims == [
        {"claimName": "data-shop-mariadb-0", "readOnly": True},
        {"claimName": "shop-wordpress-uploads", "readOnly": True},
    ]


def test_the_database_is_read_as_the_user_that_owns_it() -> None:
    parts = containers(job())
    users = {name: c["securityContext"]["runAsUser"] for name, c in parts.items()}
    assert users == {"prepare": 999, "database": 999, "uploads": 33}


def test_the_uploads_alone_leave_the_database_in_peace() -> None:
    assert list(containers(job(parts=("uploads",)))) == ["uploads"]


def test_a_file_to_damage_is_handed_to_the_preparation() -> None:
    damaged = containers(job(cut_in_half="wordpress/wp_posts.ibd"))["prepare"]
    assert environment(damaged)["CUT_IN_HALF"] == "wordpress/wp_posts.ibd"
