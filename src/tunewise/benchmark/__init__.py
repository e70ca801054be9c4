"""Times Tunewise against what people use today, side by side in one run on one machine (`runner.run_benchmark`)."""
