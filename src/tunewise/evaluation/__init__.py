"""The evaluation: cases with expected behaviour, three arms side by side, scores computed from the reply JSON alone."""

from tunewise.evaluation.cases import Case, load_cases
from tunewise.evaluation.runner import Evaluation, run_evaluation
from tunewise.evaluation.scoring import aggregate, score_case

__all__ = ["Case", "Evaluation", "aggregate", "load_cases", "run_evaluation", "score_case"]
