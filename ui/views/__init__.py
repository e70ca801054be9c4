"""Pure functions from records to HTML. Nothing here imports Gradio; everything that is not ours is escaped."""
