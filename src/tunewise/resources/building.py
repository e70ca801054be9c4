"""Builds a model without weights from its configuration, and what one step gives it; owns transformers and timm."""

from __future__ import annotations

from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

from tunewise.errors import ResourcesError
from tunewise.extras import needs_extra
from tunewise.resources.sources import training_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tunewise.resources.records import Source, Workload

SAMPLES_PER_SECOND = 16000
CLASSES = 2
# What libraries raise when a configuration makes no sense.
BAD_CONFIGURATION = (
    ValueError, TypeError, KeyError, AttributeError, IndexError, RuntimeError, ZeroDivisionError, OverflowError,
    AssertionError, NotImplementedError, ImportError, OSError,
)  # fmt: skip


@contextmanager
def explained(source: Source) -> Iterator[None]:
    """Turns what a library makes of a bad configuration into one sentence.

    Raises:
        ResourcesError: In place of its errors.
    """
    try:
        yield
    except BAD_CONFIGURATION as error:
        said = " ".join(str(error).split())[:160] or type(error).__name__
        raise ResourcesError(
            f"{source.name!r} cannot be walked through: {said!r}. Check its values, batch and length."
        ) from error


def build(source: Source, workload: Workload, *, probed: bool) -> Any:
    """A model in training mode; call it where tensors are fake, or it gets random weights.

    Args:
        source: A name of timm or a configuration of transformers.
        workload: Its length is the side of the image where the model is made for one size.
        probed: Whether only a new head is to be trained: a language model gets the head of a classifier.
    """
    return _build_timm(source.timm, workload) if source.timm else _build_transformers(source, probed)


def _build_timm(name: str, workload: Workload) -> Any:
    with needs_extra("memory", f"Walking through {name!r}"):
        timm = import_module("timm")
    if not timm.is_model(name):
        raise ResourcesError(f"timm has no model {name!r}. Check the spelling.")
    try:
        return timm.create_model(name, img_size=workload.length)
    except TypeError:  # takes images of any size
        return timm.create_model(name)


def _build_transformers(source: Source, probed: bool) -> Any:
    import torch
    import transformers

    transformers.logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    values = dict(source.config or {})
    kind, classes = values.pop("model_type"), values.pop("architectures", None) or []
    refused = import_module("huggingface_hub.errors").StrictDataclassError
    try:
        config = transformers.AutoConfig.for_model(kind, **values)
    except refused as error:
        raise ValueError(str(error.__cause__ or error)) from error
    for name, value in training_table()["switched_off"].items():
        if hasattr(config, name):
            setattr(config, name, value)
    for name in ("pad_token_id", "decoder_start_token_id"):
        if getattr(config, name, None) is None:
            setattr(config, name, 0)
    cls = _model_class(transformers, config, classes, probed)
    if cls is None:
        raise ResourcesError(f"{source.name!r}: no class of transformers trains a {kind!r} this way.")
    return cls._from_config(config, dtype=torch.float32)


def _model_class(transformers: Any, config: Any, named: Sequence[str], probed: bool) -> Any:
    """The class a configuration names, that of its type for tuning where it is one for pretraining, or for a probe."""
    table = training_table()
    own = next((name for name in named if _is_of(transformers, name, config)), None)
    if probed and own and own.endswith(("CausalLM", "LMHeadModel", "ForConditionalGeneration")):
        own = None
    for ending, tasks in table["heads_for_tuning"].items():
        if own and own.endswith(ending):
            return _for_tasks(transformers, config, tasks)
    if own:
        return getattr(transformers, own)
    probes = table["probe_tasks_of_pairs" if getattr(config, "is_encoder_decoder", False) else "probe_tasks"]
    return _for_tasks(transformers, config, probes if probed else table["tasks"])


def _is_of(transformers: Any, name: str, config: Any) -> bool:
    """Whether a name is a model class of transformers for this configuration, and nothing else of the library."""
    cls = getattr(transformers, name, None) if isinstance(name, str) else None
    base = transformers.PreTrainedModel
    return isinstance(cls, type) and issubclass(cls, base) and getattr(cls, "config_class", None) is type(config)


def _for_tasks(transformers: Any, config: Any, tasks: Sequence[str]) -> Any:
    for task in tasks:
        mapping = getattr(transformers, f"AutoModelFor{task}")._model_mapping
        if type(config) in mapping:
            return mapping[type(config)]
    return None


def inputs_for(model: Any, workload: Workload) -> dict[str, Any]:
    """One batch of zeros as the model takes it, with labels where its own loss can be computed without real ones."""
    import torch

    model = model.get_base_model() if hasattr(model, "get_base_model") else model  # under adapters
    config: Any = getattr(model, "config", None)
    batch, length = workload.batch, workload.length
    main = getattr(model, "main_input_name", "x")
    ends = type(model).__name__.endswith
    whole = torch.zeros(batch, dtype=torch.long)
    if main == "input_ids":
        tokens = torch.zeros(batch, length, dtype=torch.long)
        if ends("SequenceClassification"):
            return {"input_ids": tokens, "labels": whole}
        return {"input_ids": tokens, "labels": torch.zeros(batch, length, dtype=torch.long)}
    if main == "input_values":
        return {"input_values": torch.zeros(batch, length * SAMPLES_PER_SECOND), "labels": whole}
    if main == "input_features":
        sound = torch.zeros(batch, config.num_mel_bins, 2 * config.max_source_positions)
        spoken = whole if ends("Classification") else torch.zeros(batch, length, dtype=torch.long)
        return {"input_features": sound, "labels": spoken}
    image = torch.zeros(batch, getattr(config, "num_channels", 3), length, length)
    if hasattr(model, "prompt_encoder"):
        return {"pixel_values": image, "input_points": torch.zeros(batch, 1, 1, 2)}
    return {main: image, "labels": whole} if ends("ImageClassification") else {main: image}


def loss_of(output: Any) -> Any:
    """The model's own loss; where there is none (timm, detection, masks) the sum of what it gives stands for it."""
    import torch

    if isinstance(output, torch.Tensor):
        return output.float().sum()
    if getattr(output, "loss", None) is not None:
        return output.loss
    given = [value for value in output.values() if isinstance(value, torch.Tensor) and value.requires_grad]
    shown = [output[name] for name in ("logits", "pred_boxes", "pred_masks", "iou_scores") if name in output]
    return sum((value.float().sum() for value in shown or given), torch.zeros(()))
