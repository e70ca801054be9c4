"""A complete reply, as the tests of records, conversations and scores need it."""

from __future__ import annotations

from tunewise.types import (
    Citation,
    Conditional,
    Fact,
    Finding,
    MemoryEstimate,
    Plan,
    Proposal,
    Question,
    Recommendation,
    Reply,
    Situation,
    Step,
    Verdict,
    Withheld,
)

MESSAGE = "I have 800 labelled images of flowers and a ResNet-50. Should I fine-tune it?"


def flower_situation() -> Situation:
    """800 images stated, high similarity assumed, the rest unknown."""
    return Situation(
        facts={
            "dataset_size": Fact(
                "dataset_size", "small", "stated", "800 labelled images", 1, amount=800.0, unit="images"
            ),
            "similarity": Fact("similarity", "high", "assumed", "flowers", 1, "photographs, like ImageNet"),
            "compute": Fact("compute"),
            "forgetting_concern": Fact("forgetting_concern"),
            "latency_critical": Fact("latency_critical"),
        },
        details={
            "n_examples": Fact("n_examples", "800", "stated", "800 labelled images", 1, amount=800.0, unit="images"),
            "base_model": Fact("base_model", "ResNet-50", "stated", "ResNet-50", 1),
            "modality": Fact("modality", "image", "stated", "images", 1),
        },
    )


def flower_reply(**changes: object) -> Reply:
    """Advice for `flower_situation`: feature extraction with augmentation; `changes` replace whole fields."""
    fields: dict[str, object] = {
        "kind": "advice",
        "answer": "Freeze the early layers and train the later ones [A12].",
        "language": "en",
        "situation": flower_situation(),
        "recommendation": Recommendation(
            "feature_extraction",
            ("data_augmentation", "validate_experimentally"),
            ("full_fine_tuning",),
            ("the photographs resemble ImageNet",),
            "model",
            (Conditional({"compute": "limited"}, "linear_probing", ("data_augmentation",)),),
        ),
        "verdict": Verdict(
            "valid", (Finding("valid", "Small data: F4 holds.", "feature_extraction", ("F4",), ("dataset_size",)),)
        ),
        "proposals": (
            Proposal(
                "full_fine_tuning",
                ("hyperparameter_optimization",),
                Verdict(
                    "invalid",
                    (
                        Finding(
                            "invalid",
                            "Small data can overfit.",
                            "full_fine_tuning",
                            ("F3",),
                            ("dataset_size",),
                            repair={"remove": ["full_fine_tuning"], "primary": "feature_extraction"},
                        ),
                    ),
                ),
            ),
        ),
        "questions": (
            Question(
                "compute",
                "What hardware do you have?",
                {"limited": "linear_probing", "ample": "feature_extraction"},
            ),
        ),
        "citations": (Citation("A12", "article", "article", "Small Target Dataset", 5, 11, "tuning"),),
        "withheld": (Withheld("Full fine-tuning is best.", "speaks for full_fine_tuning"),),
        "plan": Plan(
            (Step("Measure first", "Evaluate the untouched model.", "D18"),),
            (MemoryEstimate("full", 1.2, "parameters × 16 bytes", "P1", True),),
        ),
        "notices": ("Rests on the article.",),
        "timings_s": {"reading": 0.01, "decision": 0.001, "total": 2.5, "model_first_sentence": 0.7},
        "turn": 1,
        "conversation": None,
    }
    return Reply(**{**fields, **changes})  # type: ignore[arg-type]
