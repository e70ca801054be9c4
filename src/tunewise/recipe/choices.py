"""What the person who runs a script that writes may choose: the score, the system prompt, 4 bit."""

from __future__ import annotations

from collections.abc import Iterator

from tunewise.recipe.settings import Chosen, Setting, rules_behind

ON_FROZEN = ("low_rank", "bottleneck")  # what trains small parts beside a base that stays as it is
NEEDS_FOUR_BIT = ("qlora", "nothing")  # what fits at most where 16 bit do not


def choices_of(chosen: Chosen) -> Iterator[Setting]:
    """The settings that the person who runs the script chooses: they stand after the numbers."""
    if chosen.kind in ("causal", "seq2seq"):
        chrf = '"chrF" (how much of the wanted text was written, letter by letter)'
        same, loss = '"same" (exact, as JSON where it is JSON)', '"loss" (for plain texts, which answer nothing)'
        # the input, with which an untouched model of this kind is compared, has no loss
        named = f"{chrf} or {same}" if compares_no_loss(chosen) else f"{chrf}, {same} or {loss}"
        why = f"What the verdict goes by: {named}."
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
        if stored:
            why += rules_behind(chosen, chosen.adds["four_bit"].id)
        elif fits_in_16_bit(chosen):
            why += "16 bit fit, so it is not needed."
        else:
            why += "It is advised for speed in use, which it does not give here; set it True where 16 bit do not fit."
        yield Setting("FOUR_BIT", str(stored), why)


def compares_no_loss(chosen: Chosen) -> bool:
    """Whether the answers are compared alone: those of an untouched model with a copy of what it was given."""
    return chosen.kind == "seq2seq" and chosen.trains == "nothing"


def fits_in_16_bit(chosen: Chosen) -> bool:
    """Whether it is known that a base in 16 bit fits the asker's memory."""
    known = chosen.record.reply.situation.values()
    return "training_fits" in known and known["training_fits"] not in NEEDS_FOUR_BIT


def stores_four_bit(chosen: Chosen) -> bool | None:
    """Whether the frozen base is stored in 4 bit: where 16 bit do not fit; None where nothing advises it.

    Where it is only advised to make the finished model faster, it is no way to train: an NF4 base is slower.
    """
    if "four_bit" not in chosen.adds or chosen.kind != "causal" or chosen.trains not in ON_FROZEN:
        return None
    known = chosen.record.reply.situation.values()
    if "training_fits" in known:
        return known["training_fits"] in NEEDS_FOUR_BIT
    return known.get("latency_critical") != "yes" or known.get("compute") == "limited"
