"""Compiles the all-MiniLM-L6-v2 weights to a quantised ONNX graph, so that a question needs no torch to be embedded.

The graph is BERT with mean pooling and normalisation in ONNX Runtime's fused transformer operators. Weights are 8-bit
integers with a scale per output channel, activations are quantised as they come. sentence-transformers stays the
reference: the tests compare both on the same texts. Runs once per weights file, at set-up, in about a second.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from onnx import ModelProto

COMPILER_VERSION = "1"  # raise it when the compiled graph changes
# One bit less than int8 has: processors with AVX2 but without VNNI add pairs of products in 16 bits, which overflow
# with full-range weights (https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html, U8S8).
WEIGHT_LIMIT = 63
_FUSED = "com.microsoft"
_OPSET, _FUSED_OPSET, _IR = 17, 1, 9


def build_graph(source: Path) -> ModelProto:
    """The quantised encoder: `input_ids`, `attention_mask` (batch, tokens) → `embedding` (batch, width), length 1.

    Args:
        source: Folder with `config.json` and `model.safetensors`.

    Raises:
        OSError: If a file cannot be read.
        ValueError: If the weights are not those of a BERT encoder.
    """
    from onnx import TensorProto, checker, helper
    from safetensors.numpy import load_file

    config = json.loads((source / "config.json").read_text(encoding="utf-8"))
    if config.get("model_type") != "bert" or config.get("hidden_act") != "gelu":
        raise ValueError(f"{source}: only BERT weights with gelu can be compiled, not {config.get('model_type')!r}.")
    builder = _Builder(load_file(source / "model.safetensors"), config)
    builder.embed()
    for layer in range(config["num_hidden_layers"]):
        builder.encode(layer)
    builder.pool()
    shape = ["batch", "tokens"]
    graph = helper.make_graph(
        builder.nodes,
        "minilm",
        [helper.make_tensor_value_info(name, TensorProto.INT32, shape) for name in ("input_ids", "attention_mask")],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", config["hidden_size"]])],
        builder.initializers,
    )
    opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_FUSED, _FUSED_OPSET)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=_IR, producer_name="tunewise")
    checker.check_model(model)
    return model


def quantise(weight: npt.NDArray[np.float32], axis: int) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Symmetric integers in ±WEIGHT_LIMIT and their scales, one scale per index of the other axis.

    `weight ≈ integers * scales`, with the scales' shape fit for broadcasting along `axis`.
    """
    scales = np.maximum(np.abs(weight).max(axis=axis, keepdims=True), 1e-12) / WEIGHT_LIMIT
    return np.round(weight / scales).astype(np.int8), scales.astype(np.float32)


class _Builder:
    """Collects the nodes of the graph; `self.hidden` names the tensor that the next layer reads."""

    def __init__(self, weights: Mapping[str, npt.NDArray[np.float32]], config: Mapping[str, Any]) -> None:
        self.weights = {name.removeprefix("bert."): np.asarray(value, np.float32) for name, value in weights.items()}
        self.heads, self.epsilon = int(config["num_attention_heads"]), float(config["layer_norm_eps"])
        self.nodes: list[Any] = []
        self.initializers: list[Any] = []
        self.hidden = ""

    def constant(self, name: str, value: npt.NDArray[Any]) -> str:
        from onnx import numpy_helper

        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def integers(self, name: str, *values: int) -> str:
        return self.constant(name, np.array(values, np.int64))

    def parameter(self, name: str) -> str:
        """A tensor of the weights file, unchanged."""
        return self.constant(name, self.weights[name])

    def quantised(self, name: str, weight: npt.NDArray[np.float32]) -> tuple[str, str]:
        """Names of the integers and of the scales per column of a matrix."""
        integers, scales = quantise(weight, axis=0)
        return self.constant(name, integers), self.constant(f"{name}.scale", scales[0])

    def node(self, operator: str, inputs: list[str], output: str, domain: str = "", **attributes: Any) -> str:
        from onnx import helper

        self.nodes.append(helper.make_node(operator, inputs, [output], name=output, domain=domain, **attributes))
        return output

    def linear(self, source: str, prefix: str, *, bias: bool) -> str:
        """Product with a weight matrix, with or without its bias."""
        name, scale = self.quantised(f"{prefix}.weight.T", self.weights[f"{prefix}.weight"].T)
        inputs = [source, name, scale, "", *([self.parameter(f"{prefix}.bias")] if bias else [])]
        return self.node("DynamicQuantizeMatMul", inputs, f"{prefix}.product", _FUSED)

    def add_and_normalise(self, prefix: str, source: str, skip: str) -> str:
        """Layer norm of dense(source) + skip; the dense bias is added by the fused operator."""
        product = self.linear(source, f"{prefix}.dense", bias=False)
        norm = [self.parameter(f"{prefix}.LayerNorm.{part}") for part in ("weight", "bias")]
        inputs = [product, skip, *norm, self.parameter(f"{prefix}.dense.bias")]
        return self.node("SkipLayerNormalization", inputs, f"{prefix}.hidden", _FUSED, epsilon=self.epsilon)

    def embed(self) -> None:
        """Word, position and (first) token type embeddings, added and normalised."""
        integers, scales = quantise(self.weights["embeddings.word_embeddings.weight"], axis=1)
        self.node("Gather", [self.constant("words", integers), "input_ids"], "word_integers")
        self.node("Gather", [self.constant("words.scale", scales), "input_ids"], "word_scales")
        self.node("Cast", ["word_integers"], "word_floats", to=1)
        self.node("Mul", ["word_floats", "word_scales"], "word_rows")
        places = self.weights["embeddings.position_embeddings.weight"]
        places = places + self.weights["embeddings.token_type_embeddings.weight"][0]
        self.node("Shape", ["input_ids"], "length", start=1, end=2)
        bounds = [self.integers("start", 0), "length", self.integers("rows", 0)]
        self.node("Slice", [self.constant("places", places), *bounds], "place_rows")
        self.node("Add", ["word_rows", "place_rows"], "embedded")
        norm = [self.parameter(f"embeddings.LayerNorm.{part}") for part in ("weight", "bias")]
        attributes: dict[str, Any] = {"axis": -1, "epsilon": self.epsilon}
        self.hidden = self.node("LayerNormalization", ["embedded", *norm], "embeddings.hidden", **attributes)

    def attend(self, prefix: str) -> str:
        """Multi-head self-attention over the tokens that the mask keeps."""
        parts = [f"{prefix}.self.{part}" for part in ("query", "key", "value")]
        weight = np.concatenate([self.weights[f"{part}.weight"].T for part in parts], axis=1)
        bias = np.concatenate([self.weights[f"{part}.bias"] for part in parts])
        name, scale = self.quantised(f"{prefix}.qkv", weight)
        integers, input_scale, zero = (f"{prefix}.input.{part}" for part in ("integers", "scale", "zero"))
        self.nodes.append(self._quantise_input(integers, input_scale, zero))
        inputs = [integers, name, self.constant(f"{prefix}.qkv.bias", bias), input_scale, scale, "attention_mask", zero]
        return self.node("QAttention", inputs, f"{prefix}.context", _FUSED, num_heads=self.heads)

    def _quantise_input(self, *outputs: str) -> Any:
        from onnx import helper

        return helper.make_node("DynamicQuantizeLinear", [self.hidden], list(outputs), name=outputs[0])

    def encode(self, layer: int) -> None:
        """One transformer layer: self-attention and feed-forward, each with its residual and layer norm."""
        prefix = f"encoder.layer.{layer}"
        context = self.attend(f"{prefix}.attention")
        attended = self.add_and_normalise(f"{prefix}.attention.output", context, self.hidden)
        wide = self.linear(attended, f"{prefix}.intermediate.dense", bias=True)
        active = self.node("Gelu", [wide], f"{prefix}.active", _FUSED)
        self.hidden = self.add_and_normalise(f"{prefix}.output", active, attended)

    def pool(self) -> None:
        """Sum over the tokens that the mask keeps, scaled to length 1 (the mean's divisor cancels)."""
        self.node("Cast", ["attention_mask"], "mask", to=1)
        self.node("Unsqueeze", ["mask", self.integers("last_axis", 2)], "mask_column")
        self.node("Mul", [self.hidden, "mask_column"], "kept")
        self.node("ReduceSum", ["kept", self.integers("token_axis", 1)], "summed", keepdims=0)
        self.node("LpNormalization", ["summed"], "embedding", axis=1, p=2)
