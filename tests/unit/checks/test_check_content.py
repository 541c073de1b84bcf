"""Whether a question gets at restored data, by its own words."""

import pytest

from provisioner.checks.content import is_only_speech, only_speaks, reads_a_table


@pytest.mark.parametrize(
    "query",
    [
        "SELECT count(*) FROM posts WHERE author IS NULL",
        'select 1 from\n"my posts"',
        "SELECT count(*) FROM `shop`.`orders`;",
        "TABLE posts",
        "SELECT count(*) FROM pg_class c JOIN users u ON true",
        "SELECT n FROM (SELECT 1 AS n FROM posts) AS one",
        "SELECT (SELECT count(*) FROM orders)",
        "SELECT 1 FROM ONLY mysql_events",
    ],
)
def test_a_table_of_the_applications_own_is_data(query: str) -> None:
    assert reads_a_table(query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1",
        "SELECT 'none FROM posts'",
        "SELECT 1 -- FROM posts",
        "SELECT /* FROM posts */ now()",
        "SELECT count(*) FROM information_schema.tables",
        "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'",
        'SELECT count(*) FROM "pg_catalog"."pg_class"',
        "SELECT count(*) FROM mysql.user",
        "SELECT count(*) FROM generate_series(1, 9)",
        "SELECT n FROM (SELECT 1 AS n) AS one",
        "SELECT 1 FROM dual",
        "SHOW TABLES",
    ],
)
def test_what_every_server_answers_is_none(query: str) -> None:
    assert not reads_a_table(query)


@pytest.mark.parametrize(
    "command", [["echo", "ok"], ["/bin/echo", "$x"], ["sh", "-c", "echo ok; exit 0"], ["true"]]
)
def test_a_command_that_only_speaks_looks_at_nothing(command: list[str]) -> None:
    assert only_speaks(command)


@pytest.mark.parametrize(
    "command",
    [["cat", "/data/x"], ["sh", "-c", "echo $(ls /data)"], ["bash", "-ec", "echo a; ls"], []],
)
def test_any_other_may_look(command: list[str]) -> None:
    assert not only_speaks(command)


def test_a_script_is_speech_when_all_of_it_is() -> None:
    assert is_only_speech("#!/bin/sh\nset -e\n\n# all is well\necho ok\n")
    assert not is_only_speech("#!/bin/sh\nls /uploads | grep -q jpg\necho ok\n")
    assert not is_only_speech("#!/usr/bin/env python\nprint(1)\n")
