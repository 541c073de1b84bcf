"""A real single-node Kubernetes on one machine, for the demo and the tests.

Nothing is downloaded but Go modules and Debian packages, and no container engine is
needed. The four names below are all that the demo and the tests use.
"""

from devcluster.binaries import binary
from devcluster.cluster import Cluster, down, up
from devcluster.images import ensure_images

__all__ = ["Cluster", "binary", "down", "ensure_images", "up"]
