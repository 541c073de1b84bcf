"""The WordPress example's verifier asks for what its demonstration writes."""

from examples.common.verifier import document_for
from examples.wordpress.demo import seed
from examples.wordpress.demo.production import Production


def test_the_named_posts_are_asked_for() -> None:
    checks = {
        check["name"]: check
        for check in document_for(Production())["spec"]["checks"]
        if "name" in check
    }
    page = checks["the front page shows the known post"]["http"]
    deleted = checks["the post deleted since is there"]["sql"]
    added = checks["the post added since is not"]["sql"]
    assert page["expect"]["contains"] == seed.KNOWN["title"]
    assert seed.DELETED_SINCE["slug"] in deleted["query"]
    assert deleted["expect"] == {"equals": seed.DELETED_SINCE["title"]}
    assert seed.ADDED_SINCE["slug"] in added["query"]
    assert added["expect"] == {"equals": "0"}
