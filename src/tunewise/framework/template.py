"""A framework file to start from."""

import re

TEMPLATE = """\
# A framework of your own. It extends the article with its interpretations; `extends: vocabulary` starts from the
# shared facts and strategies without any rules. Check it with:  tunewise framework prove --framework {name}.yaml
name: {name}
title: Our house rules
extends: article

rules:
  # A rule fires when every fact in `when` is stated with that value and no fact in `unless` is.
  # `then`: strategy or family → forbid, require, avoid or recommend (the first of these wins).
  # `strength`: must, should or may. Give one of `source` (document, section, exact quote), `digest` (a published
  # source in your words) and `interpretation` (your own reasons).
  - id: HOUSE1
    when: {{latency_critical: 'yes', model_size: large}}
    then: {{choose_efficient_model: recommend}}
    strength: should
    because:
      en: Our service must answer in real time, so we try a smaller model first.
    interpretation: Measured on our own service; replace this by your reasons.
"""


def framework_template(name: str) -> str:
    """A commented framework file with the given name."""
    safe = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-_")[:50]
    return TEMPLATE.format(name=safe if safe[:1].isalpha() else f"house-{safe or 'rules'}")
