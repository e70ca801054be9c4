"""Reading a message by examples: what it states, what it asks and what it does in its conversation."""
