"""What the person who runs a script that writes may choose: the score, the system prompt, 4 bit."""

from __future__ import annotations

from collections.abc import Iterator

from tunewise.recipe.settings import Chosen, Setting, rules_behind

FOUR_BIT_FITS = ("low_rank", "bottleneck")
NEEDS_FOUR_BIT = ("qlora", "nothing")  # what fits at most where 16 bit do not


def choices_of(chosen: Chosen) -> Iterator[Setting]:
    """The settings that the person who runs the script chooses: they stand after the numbers."""
    if chosen.kind in ("causal", "seq2seq"):
        why = (
            'What the verdict goes by: "chrF" (how much of the wanted text was written, letter by letter), "same" '
            '(exact, as JSON where it is JSON) or "loss" (for plain texts, which answer nothing).'
        )
        yield Setting("SCORE", '"chrF"', why)
    if chosen.kind == "causal":
        why = (
            "The system prompt that you would use without training; it stands in front of every chat that has none of "
            "its own, for both models. Leave it empty where the chat template has no place for it (Gemma)."
        )
        yield Setting("SYSTEM", '""', why)
    stored = stores_four_bit(chosen)
    if stored is not None:
        why = "Whether the frozen base is stored in 4 bit. It saves memory, and costs time and a little quality. "
        why += rules_behind(chosen, chosen.adds["four_bit"].id) if stored else "16 bit fit, so it is not needed."
        yield Setting("FOUR_BIT", str(stored), why)


def stores_four_bit(chosen: Chosen) -> bool | None:
    """Whether the frozen base is stored in 4 bit: where 16 bit do not fit; None where nothing advises it.

    Where it is only advised to make the finished model faster, it is no way to train: an NF4 base is slower.
    """
    if "four_bit" not in chosen.adds or chosen.kind != "causal" or chosen.trains not in FOUR_BIT_FITS:
        return None
    known = chosen.record.reply.situation.values()
    if "training_fits" in known:
        return known["training_fits"] in NEEDS_FOUR_BIT
    return known.get("latency_critical") != "yes" or known.get("compute") == "limited"
