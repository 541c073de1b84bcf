"""The pod that fills one claim: made, followed, understood at its end."""
