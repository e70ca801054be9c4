"""Reading a message by examples: what it states, what it asks and what it does in its conversation."""

ENCODER = "all-mpnet-base-v2"  # of the reader, whatever model search is set to
