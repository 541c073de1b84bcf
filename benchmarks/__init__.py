"""How fast a verdict is, measured against what people do by hand; see ``results.md``.

Every figure that counts is a ratio of two things that were measured in one run, alternating.
"""
