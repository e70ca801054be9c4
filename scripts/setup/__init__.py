"""Sets Tunewise up and runs it: `python3 -m scripts.setup setup|run|test`. Standard library only."""
