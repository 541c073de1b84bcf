"""Which state of a verifier's document a session ran with."""

import hashlib
import json

from provisioner.models.verifier import VerifierSpec


def generation_of(spec: VerifierSpec) -> str:
    """A hash of what the document asks for; what it leaves to the defaults does not count."""
    said = spec.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]
