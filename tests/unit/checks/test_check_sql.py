"""What the clients print, and what their errors mean."""

import base64
from types import SimpleNamespace
from typing import Any

import pytest

from provisioner.checks import mysql, postgres, sql
from provisioner.checks.expect import UNKNOWN, judge
from provisioner.checks.login import Login, login_from
from provisioner.checks.patience import NotYetError
from provisioner.checks.speech import Kind
from provisioner.cluster.exec import CUT_MARK, Executed
from provisioner.errors import CheckRefusedError, CheckUnableError
from provisioner.models.checks import SqlCheck
from provisioner.models.expect import Expect

QUESTION = SqlCheck(
    engine="mysql",
    workload="StatefulSet/db",
    service="blog-db",
    secret="blog-db",
    database="wordpress",
    query="select 1",
)


@pytest.mark.parametrize(
    ("output", "value"),
    [
        ("42\n", "42"),
        ("42\tother\n43\tmore\n", "42"),
        ("", ""),
        ("NULL\n", ""),
        ("a line\\nanother\n", "a line\\nanother"),
    ],
)
def test_mysql_gives_the_first_column_of_the_first_row(output: str, value: str) -> None:
    assert mysql.first_value(output) == value


@pytest.mark.parametrize(
    ("output", "value"),
    [
        ("42\0", "42"),
        ("42\0other\x0043\0", "42"),
        ("", ""),
        ("\0", ""),
        ("a|b\nc\0", "a|b\nc"),
    ],
)
def test_postgres_gives_the_first_column_of_the_first_row(output: str, value: str) -> None:
    assert postgres.first_value(output) == value


@pytest.mark.parametrize(
    ("stderr", "kind"),
    [
        ("ERROR 2002 (HY000): Can't connect to server on 'db' (111)", Kind.AWAY),
        ("ERROR 2003 (HY000): Can't connect to MySQL server on 'db:3306' (113)", Kind.AWAY),
        ("ERROR 2005 (HY000): Unknown server host 'db' (-3)", Kind.AWAY),
        (
            "ERROR 2013 (HY000): Lost connection to server at 'handshake: reading initial"
            " communication packet', system error: 104",
            Kind.AWAY,
        ),
        ("ERROR 2013 (HY000) at line 1: Lost connection to server during query", Kind.LOST),
        ("ERROR 1045 (28000): Access denied for user 'blog'@'10.0.0.1'", Kind.REFUSED),
        ("ERROR 1524 (HY000): Plugin 'x' is not loaded", Kind.REFUSED),
        ("ERROR 1142 (42000) at line 1: SELECT command denied to user", Kind.REFUSED),
        ("ERROR 1049 (42000): Unknown database 'wordpress'", Kind.WRONG),
        ("ERROR 1146 (42S02) at line 1: Table 'w.posts' doesn't exist", Kind.WRONG),
        ("ERROR 1034 (HY000) at line 1: Index for table 'posts' is corrupt", Kind.WRONG),
        ("ERROR 1877 (HY000) at line 1: Table `w`.`posts` is corrupted", Kind.WRONG),
        ("ERROR 1064 (42000) at line 1: You have an error in your SQL syntax", Kind.UNABLE),
        ("ERROR 1047 (08S01) at line 1: WSREP has not yet prepared node", Kind.UNABLE),
        ("ERROR 1226 (42000): User 'u' has exceeded the 'max_questions' resource", Kind.UNABLE),
        ("ERROR 1158 (08S01) at line 1: Got an error reading packets", Kind.UNABLE),
        ("ERROR 1161 (08S01) at line 1: Got timeout writing packets", Kind.UNABLE),
        ("ERROR 2026 (HY000): TLS/SSL error: SSL is required", Kind.UNABLE),
        ("mariadb: unknown option '--x'", Kind.UNABLE),
        ("", Kind.UNABLE),
    ],
)
def test_mysql_errors_are_told_apart(stderr: str, kind: Kind) -> None:
    said = mysql.understand(f"mysql: [Warning] Using a password.\n{stderr}\n" if stderr else "")
    assert said.kind is kind
    assert said.sentence


@pytest.mark.parametrize(
    ("stderr", "kind"),
    [
        (
            'psql: error: connection to server at "db" (10.96.0.7), port 5432 failed:'
            " Connection refused\n\tIs the server running on that host?",
            Kind.AWAY,
        ),
        ('psql: error: could not translate host name "db" to address: x', Kind.AWAY),
        (
            'psql: error: connection to server at "db" (10.96.0.7), port 5432 failed: FATAL:'
            "  the database system is starting up",
            Kind.AWAY,
        ),
        (
            'psql: error: connection to server at "db" (10.96.0.7), port 5432 failed: FATAL:'
            '  password authentication failed for user "app"',
            Kind.REFUSED,
        ),
        (
            'psql: error: connection to server at "db" (10.96.0.7), port 5432 failed: FATAL:'
            '  role "app" does not exist',
            Kind.REFUSED,
        ),
        (
            'psql: error: connection to server at "db" (10.96.0.7), port 5432 failed: FATAL:'
            '  database "app" does not exist',
            Kind.WRONG,
        ),
        ('ERROR:  42P01: relation "posts" does not exist\nLINE 1: ...', Kind.WRONG),
        ("ERROR:  XX001: invalid page in block 0 of relation base/5/16385", Kind.WRONG),
        ('ERROR:  42601: syntax error at or near "selec"', Kind.UNABLE),
        ("ERROR:  42501: permission denied for table posts", Kind.REFUSED),
        ("ERROR:  53200: out of memory", Kind.UNABLE),
        ("server closed the connection unexpectedly\n\tThis probably means ...", Kind.LOST),
        ("psql: invalid option", Kind.UNABLE),
    ],
)
def test_postgres_errors_are_told_apart(stderr: str, kind: Kind) -> None:
    said = postgres.understand(stderr)
    assert said.kind is kind
    assert said.sentence
    assert "\n" not in said.sentence


def test_the_password_is_never_in_argv() -> None:
    for engine in (mysql, postgres):
        argv = engine.command(QUESTION, "app")
        assert "blog-db" in " ".join(argv)
        assert QUESTION.query not in argv
        assert not any("password=" in one for one in argv)


def _encoded(**values: str) -> dict[str, str]:
    return {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}


def test_a_login_is_read_and_never_shown() -> None:
    login = login_from(_encoded(username="app", password="s3cr3t$\n"), QUESTION)
    assert login == Login("app", b"s3cr3t$")
    assert "s3cr3t" not in repr(login)
    assert "app" not in repr(login)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (_encoded(username="app"), "has no key password; it has: username"),
        (_encoded(), "has no key username; it has: no keys"),
        (_encoded(username="app", password="a\nb"), "has more than one line"),
        ({"username": "!", "password": "!"}, "is no base64"),
    ],
)
def test_a_login_that_cannot_be_used_says_why(data: dict[str, str], sentence: str) -> None:
    with pytest.raises(CheckUnableError, match=sentence):
        login_from(data, QUESTION)


def test_secret_values_are_hidden() -> None:
    login = Login("app", b"pw(x)+")
    text = "Access denied for user 'app'@'application' with pw(x)+"
    assert login.hide(text) == "Access denied for user '<user>'@'application' with <password>"
    assert Login("app", b"").hide("app", ("app",)) == "app"
    assert Login("u", b"a").hide("a table") == "<password> table"


@pytest.mark.parametrize(
    ("stderr", "error"),
    [
        ("ERROR 2002 (HY000): Can't connect to server on 'blog-db' (111)", NotYetError),
        ("ERROR 1045 (28000): Access denied for user 'app'@'10.0.0.1'", CheckRefusedError),
        ("ERROR 2013 (HY000) at line 1: Lost connection to server", CheckRefusedError),
        ("ERROR 1064 (42000) at line 1: You have an error", CheckUnableError),
    ],
)
def test_an_error_that_says_nothing_of_the_data_is_no_verdict(
    stderr: str, error: type[Exception]
) -> None:
    with pytest.raises(error) as raised:
        sql._unanswered(QUESTION, mysql.understand(stderr), Login("app", b"secret"))
    assert "'app'" not in str(raised.value)


async def test_an_answer_that_was_cut_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    async def execute(*_: Any, **__: Any) -> Executed:
        return Executed(f"{CUT_MARK}1\n", "", 0)

    monkeypatch.setattr(sql, "execute", execute)
    app: Any = SimpleNamespace(cluster=None, namespace="verify-x")
    with pytest.raises(CheckUnableError, match="longer than 1024 KiB"):
        await sql._query(QUESTION, app, "db-0", Login("app", b"secret"), UNKNOWN)


def test_a_missing_table_is_a_wrong_answer() -> None:
    said = mysql.understand("ERROR 1146 (42S02) at line 1: Table 'wordpress.x' doesn't exist")
    answer = sql._unanswered(QUESTION, said, Login("app", b"secret"))
    assert not answer.passed
    assert answer.expected == "at least 1"
    assert answer.saw == "ERROR 1146: Table 'wordpress.x' doesn't exist"


def test_a_password_that_is_a_number_is_kept_nowhere() -> None:
    login = Login("app", b"123456")
    told = login.hide_answer(judge(Expect(min=1), "123456"))
    assert (told.saw, told.value) == ("<password>", None)
    assert login.hide_answer(judge(Expect(min=1), "42")).value == 42
