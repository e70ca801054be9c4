"""What training takes: memory walked through on a model without weights, the time and the money that follow.

`walk` measures one step, `forms` holds what was measured of common architectures, `duration` turns operations into
hours. Nothing here knows rules, messages or the model that writes.
"""
