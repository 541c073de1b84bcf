"""All cases: those of every family, in their order."""

from tests.sabotage.case import Case
from tests.sabotage.cases import (
    dumps,
    files,
    good_content,
    good_files,
    mysql,
    postgres_content,
    postgres_files,
    redis,
    repository,
)

FAMILIES = (
    good_content,
    good_files,
    mysql,
    postgres_files,
    postgres_content,
    dumps,
    redis,
    files,
    repository,
)
CASES: tuple[Case, ...] = tuple(case for family in FAMILIES for case in family.FAMILY.cases)
