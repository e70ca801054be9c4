"""Configurations are read once, and refused in one sentence."""

from __future__ import annotations

import json

import pytest

from scripts.confirm_memory import TINY_BERT
from tunewise.errors import ResourcesError
from tunewise.resources.estimates import estimates_for
from tunewise.resources.sources import read_config

GOOD = dict(TINY_BERT.config)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no JSON"),
        ("{", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("[]", "model_type"),
        ('{"model_type": 3}', "model_type"),
        ('{"model_type": "no_such_thing"}', "no_such_thing"),
        (json.dumps({**GOOD, "num_hidden_layers": 10**9}), "num_hidden_layers"),
        (json.dumps({**GOOD, "hidden_size": 10**9}), "hidden_size"),
        (json.dumps({**GOOD, "text_config": {"num_layers": 4000}}), "num_layers"),
        (" " * 1_000_001, "more than 1 MB"),
    ],
)
def test_a_file_that_describes_no_model_is_refused_in_one_sentence(tmp_path, text, said):
    file = tmp_path / "config.json"
    file.write_text(text)
    with pytest.raises(ResourcesError, match=said) as refused:
        read_config(file)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there_or_is_no_text_is_refused(tmp_path):
    with pytest.raises(ResourcesError, match="Cannot read"):
        read_config(tmp_path / "none.json")
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(ResourcesError, match="no JSON"):
        read_config(tmp_path / "bytes.json")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("change", [{"hidden_size": -4}, {"num_attention_heads": 7}, {"hidden_size": "wide"}])
def test_a_configuration_that_makes_no_sense_is_explained(tmp_path, change):
    file = tmp_path / "config.json"
    file.write_text(json.dumps({**GOOD, **change}))
    with pytest.raises(ResourcesError, match="cannot be walked through"):
        estimates_for(str(file), 1, 8, mixed=True, recomputed=False)


def test_code_that_a_configuration_names_is_dropped(tmp_path):
    file = tmp_path / "config.json"
    file.write_text(json.dumps({**GOOD, "auto_map": {"AutoModel": "evil.Model"}, "_name_or_path": "/etc"}))
    assert not {"auto_map", "_name_or_path"} & set(read_config(file).config or {})


@pytest.mark.parametrize(("batch", "length"), [(10**9, 8), (1, 10**9), (-1, 8)])
def test_a_step_beyond_all_measure_is_refused(batch, length):
    with pytest.raises(ResourcesError, match="is no step"):
        estimates_for("bert_base", batch, length, mixed=True, recomputed=False)
