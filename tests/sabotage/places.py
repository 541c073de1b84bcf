"""Where the corpus works: all below one folder of the checkout, which Git does not look at."""

from devcluster.paths import REPOSITORY

WORK = REPOSITORY / ".sabotage"
ROOTS = WORK / "roots"
"""Root file systems of images, by their archives' names."""
GOOD = WORK / "good"
"""The good data, by the hash of what it is made from: made once, for as long as that holds."""
RUNS = WORK / "runs"
"""A folder for each run, removed at its end."""
REPORTS = WORK / "reports"
"""The newest report of each case's session, for who wants to know more."""
