"""The evaluation: cases with expected behaviour, arms side by side, scores computed from the reply JSON alone."""
