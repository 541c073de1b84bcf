"""Content for the blog, written by WordPress's own code, the same at every run."""

from dataclasses import dataclass
from pathlib import Path

from examples.common import seed as content
from examples.common.cluster import Kube, Object, PodTarget
from examples.common.seed import Script
from examples.wordpress.demo.production import Production

_SCRIPT = Script(("php", "-d", "memory_limit=256M", "--"), Path(__file__).with_name("seed.php"))

# Newer than all numbered entries, so that it is on the front page.
KNOWN = {
    "slug": "diary-of-the-lighthouse-keeper",
    "title": "Diary of the lighthouse keeper",
    "date": "2024-05-01 08:00:00",
}
DELETED_SINCE = {
    "slug": "deleted-after-the-backup",
    "title": "Deleted after the backup",
    "date": "2024-04-01 08:00:00",
}
ADDED_SINCE = {
    "slug": "added-after-the-backup",
    "title": "Added after the backup",
    "date": "2024-06-01 08:00:00",
}


@dataclass(frozen=True)
class Plan:
    """How much is written: numbered posts beside the named ones, and attachments with files."""

    posts: int = 310
    attachments: int = 124
    images: int = 24
    total_bytes: int = 320 * 1024 * 1024

    @property
    def file_bytes(self) -> int:
        """Return the size of each attachment that is no image."""
        return self.total_bytes // max(1, self.attachments - self.images)


@dataclass(frozen=True)
class Seeded:
    """What the blog holds."""

    posts: int
    attachments: int
    bytes: int


def seed(kube: Kube, production: Production, plan: Plan | None = None) -> Seeded:
    """Write what is missing, and undo what an earlier run changed after its backup."""
    argument = _argument(plan or Plan(), present=[KNOWN, DELETED_SINCE], absent=[ADDED_SINCE])
    return _run(kube, production, argument)


def change(kube: Kube, production: Production) -> None:
    """Change the blog as its authors do after a backup: one post less, another one more."""
    nothing = Plan(posts=0, attachments=0, images=0)
    _run(kube, production, _argument(nothing, present=[ADDED_SINCE], absent=[DELETED_SINCE]))


def _argument(plan: Plan, present: list[dict[str, str]], absent: list[dict[str, str]]) -> Object:
    return {
        "posts": plan.posts,
        "attachments": plan.attachments,
        "images": plan.images,
        "file_bytes": plan.file_bytes,
        "named_posts": present,
        "absent_posts": [post["slug"] for post in absent],
    }


def _run(kube: Kube, production: Production, argument: Object) -> Seeded:
    pod = PodTarget(production.namespace, production.website, "wordpress")
    return Seeded(**content.run(kube, pod, _SCRIPT, argument))
