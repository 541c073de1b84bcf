"""``redis``: a command that reads."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from provisioner.models.base import Model, Port
from provisioner.models.expect import Expect

# fmt: off
READ_COMMANDS = frozenset((
    "BITCOUNT", "BITFIELD_RO", "BITPOS", "DBSIZE", "DUMP", "EXISTS", "EXPIRETIME", "GEODIST",
    "GEOHASH", "GEOPOS", "GEOSEARCH", "GET", "GETBIT", "GETRANGE", "HEXISTS", "HEXPIRETIME",
    "HGET", "HGETALL", "HKEYS", "HLEN", "HMGET", "HPEXPIRETIME", "HPTTL", "HRANDFIELD", "HSCAN",
    "HSTRLEN", "HTTL", "HVALS", "KEYS", "LCS", "LINDEX", "LLEN", "LPOS", "LRANGE", "MGET",
    "OBJECT", "PEXPIRETIME", "PTTL", "RANDOMKEY", "SCAN", "SCARD", "SDIFF", "SINTER", "SINTERCARD",
    "SISMEMBER", "SMEMBERS", "SMISMEMBER", "SORT_RO", "SRANDMEMBER", "SSCAN", "STRLEN", "SUNION",
    "TTL", "TYPE", "XINFO", "XLEN", "XPENDING", "XRANGE", "XREAD", "XREVRANGE", "ZCARD", "ZCOUNT",
    "ZDIFF", "ZINTER", "ZINTERCARD", "ZLEXCOUNT", "ZMSCORE", "ZRANDMEMBER", "ZRANGE",
    "ZRANGEBYLEX", "ZRANGEBYSCORE", "ZRANK", "ZREVRANGE", "ZREVRANGEBYLEX", "ZREVRANGEBYSCORE",
    "ZREVRANK", "ZSCAN", "ZSCORE", "ZUNION", "FT.INFO", "FT.SEARCH", "JSON.ARRLEN", "JSON.GET",
    "JSON.MGET", "JSON.OBJKEYS", "JSON.OBJLEN", "JSON.STRLEN", "JSON.TYPE", "TS.GET", "TS.INFO",
    "TS.RANGE",
))
# fmt: on
"""What only reads keys, by https://redis.io/docs/latest/commands (category @read).

Not PING or ECHO, which answer without data, nor scripts, whose answers may be anything.
"""


def reads_keys(command: str) -> bool:
    """Whether a command's first word is one that reads keys."""
    return command.upper() in READ_COMMANDS


class RedisCheck(Model):
    """A command that reads, sent to the Service with the application's own password.

    The reply is judged; of several values each is a line.
    """

    service: str = Field(description="The Service of the sandbox in front of Redis or Valkey")
    port: Port = 6379
    scheme: Literal["redis", "rediss"] = Field("redis", description="rediss is with TLS")
    secret: str | None = Field(None, description="Secret in the sandbox that holds the password")
    user_key: str | None = Field(None, description="Key of the user; left out: the default user")
    password_key: str = "password"  # noqa: S105 - the name of a key
    database: int = Field(0, ge=0)
    command: Annotated[
        list[str], Field(min_length=1, description="e.g. [DBSIZE] or [HGET, rates, EUR/NOK]")
    ]
    expect: Expect = Expect(min=1)

    @field_validator("command")
    @classmethod
    def _reads(cls, command: list[str]) -> list[str]:
        if command and not reads_keys(command[0]):
            raise ValueError(f"{command[0]} is no command that reads keys")
        return command
