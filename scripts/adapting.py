"""An encoder that learns: low-rank adapters on the layers of MPNet, or on their upper half, what attends to its states,
and how both stand in an artefact."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

# bfloat16 where the machine multiplies it, which is several times faster
PRECISION = torch.bfloat16 if torch.ops.mkldnn._is_mkldnn_bf16_supported() else torch.float32
SHARPNESS = 4.0  # of the attention: scores are scaled as if heads were 16 times narrower
NEVER = -1e4


class AdaptedEncoder:
    """MPNet with adapters that are to be trained, its tokenizer, and the chance with which it learns."""

    def __init__(self, folder: Path, rank: int, alpha: int, seed: int) -> None:
        from transformers import AutoTokenizer

        torch.manual_seed(seed)
        self.random = random.Random(seed)
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.adapted = adapted_encoder(folder, rank, alpha)
        self.model: Any = self.adapted.base_model.model

    def learn_above_middle(self) -> None:
        """Leave the first half of the layers as it is, where an encoder reads for several tasks at once."""
        middle = self.model.config.num_hidden_layers // 2
        for layer in self.model.encoder.layer[:middle]:
            layer.requires_grad_(False)

    @property
    def adapters(self) -> list[nn.Parameter]:
        """What is to be trained of it."""
        return [parameter for parameter in self.adapted.parameters() if parameter.requires_grad]

    def descent(self, heads: Sequence[nn.Parameter], rates: Sequence[float], steps: int) -> Callable[[Tensor], None]:
        """What makes a step down a loss: adapters and `heads` at two greatest `rates`, of so many steps a tenth to warm
        up in."""
        adapters = self.adapters
        groups = [{"params": group, "lr": rate} for group, rate in zip((adapters, heads), rates, strict=True)]
        optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, list(rates), total_steps=steps + 1, pct_start=0.1)

        def descend(loss: Tensor) -> None:
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_([*adapters, *heads], 1.0)
            optimizer.step()
            schedule.step()

        return descend

    def artefact_with(self, heads: Iterable[tuple[str, Tensor]]) -> dict[str, NDArray[np.float16]]:
        """Its adapters and named heads as an artefact holds them."""
        weights = dict(adapters_of(self.model)) | {f"head.{name}": head for name, head in heads}
        return {name: np.ascontiguousarray(each.detach().numpy(), np.float16) for name, each in weights.items()}


def adapted_encoder(folder: Path, rank: int, alpha: int) -> Any:
    """The MPNet model of a folder under PEFT: its adapters are to be trained, its weights lie in `PRECISION`."""
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModel

    model: Any = AutoModel.from_pretrained(folder, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    layers = list(range(model.config.num_hidden_layers))
    config = LoraConfig(
        r=rank, lora_alpha=alpha, target_modules=["q", "k", "v", "o", "dense"], layers_to_transform=layers,
        layers_pattern="layer",
    )  # fmt: skip
    adapted = get_peft_model(model, config)
    for parameter in adapted.parameters():
        if not parameter.requires_grad:
            parameter.data = parameter.data.to(PRECISION)  # what autocast makes of it anyway, 1.8 times slower
    return adapted


def take_over(model: Any, weights: Mapping[str, NDArray[Any]]) -> None:
    """Begin with the adapters of an artefact."""
    given = {name: torch.from_numpy(np.asarray(weight, np.float32)) for name, weight in weights.items()}
    for name, module in model.named_modules():
        if hasattr(module, "lora_A"):
            module.lora_A["default"].weight.data = given[f"adapter.{name}.down"]
            module.lora_B["default"].weight.data = given[f"adapter.{name}.up"] / module.scaling["default"]


def last_states(model: Any, tokens: Any) -> Tensor:
    """Last hidden states of an encoder, batch × tokens × width."""
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=torch.bfloat16 == PRECISION):
        read = model(input_ids=tokens["input_ids"], attention_mask=tokens["attention_mask"])
    states: Tensor = read.last_hidden_state.float()
    return states


def pooled(queries: Tensor, states: Tensor, mask: Tensor, scale: float) -> Tensor:
    """What each query (queries × width) attends to of the states (batch × tokens × width) where `mask` says that there
    are tokens: batch × queries × width. `tunewise.reading.encoder.attended` reads so."""
    scores = (states @ queries.T * scale).transpose(1, 2).masked_fill(~mask[:, None], NEVER)
    found: Tensor = scores.softmax(-1) @ states
    return found


def adapters_of(model: Any) -> Iterator[tuple[str, Tensor]]:
    """The adapters of a model that learn, as an artefact names them, already scaled."""
    for name, module in model.named_modules():
        if hasattr(module, "lora_A") and module.lora_A["default"].weight.requires_grad:
            yield f"adapter.{name}.down", module.lora_A["default"].weight
            yield f"adapter.{name}.up", module.lora_B["default"].weight * module.scaling["default"]
