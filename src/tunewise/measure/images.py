"""Image encoders of timm and torchvision, from weights on this machine; nothing is fetched, no pickle is run."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunewise.extras import needs_extra
from tunewise.measure.records import TIMM_FOLDER, MeasureError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from tunewise.measure.records import Vectors

IMAGES_AT_ONCE = 32
HOW = (
    "Give the folder of a timm model (config.json and model.safetensors), the name of one that is in the Hugging Face "
    "cache, the name of a torchvision model whose weights torchvision has fetched, or NAME=FILE with weights of a timm "
    "architecture"
)
FAILURES = (OSError, ValueError, RuntimeError, KeyError, TypeError, AttributeError)
MAX_PIXELS = 100_000_000

EncodeImages = Callable[[Sequence[Path]], "Vectors"]


def open_image_encoder(name: str | None) -> tuple[str, EncodeImages]:
    """How it is called, and what gives one row of pooled features per image (NaN where it cannot be read).

    Raises:
        MeasureError: If no such weights are here; the message says what can be given.
    """
    if not name:
        raise MeasureError(f"Images need --encoder. {HOW}.")
    with needs_extra("measure", "An image encoder"):
        import timm  # noqa: F401
        import torchvision  # noqa: F401
    try:
        model, transform = _opened(name)
    except FAILURES as error:
        said = str(error).splitlines()[0][:140] if str(error) else type(error).__name__
        raise MeasureError(f"No image encoder {name!r} can be opened here ({said}). {HOW}.") from None
    return Path(name).name, lambda paths: _encoded(model, transform, paths)


def image_checkpoint(name: str) -> str | None:
    """What timm.create_model loads these weights by; None for weights in a file, and for torchvision's."""
    folder = Path(name).expanduser()
    if folder.is_dir():
        return f"{TIMM_FOLDER}{folder.resolve()}"
    return name if "=" not in name and _is_of_timm(name) and _cached(name)[1] else None


def _is_of_timm(name: str) -> bool:
    import timm

    return bool(timm.is_model(name.split(".")[0]))


def _cached(name: str) -> tuple[str | None, str | None]:
    """Where the weights of a timm model come from, and the file of the Hugging Face cache that holds them."""
    import timm
    from huggingface_hub import try_to_load_from_cache

    configuration = timm.get_pretrained_cfg(name)
    repository = configuration.hf_hub_id if configuration else None
    if not isinstance(repository, str):
        return None, None
    file = try_to_load_from_cache(repository, "model.safetensors")
    return repository, file if isinstance(file, str) else None


def _opened(name: str) -> tuple[Any, Any]:
    if Path(name).expanduser().is_dir():
        return _from_folder(Path(name).expanduser())
    architecture, equals, file = name.partition("=")
    if equals:
        return _from_file(architecture, Path(file).expanduser())
    return _from_cache(name)


def _with_transform(model: Any) -> tuple[Any, Any]:
    from timm.data import create_transform, resolve_model_data_config

    return model.eval(), create_transform(**resolve_model_data_config(model), is_training=False)


def _from_folder(folder: Path) -> tuple[Any, Any]:
    import timm
    from safetensors.torch import load_file

    config = json.loads((folder / "config.json").read_text("utf-8"))
    if "architecture" not in config:
        raise ValueError("its config.json names no timm architecture")
    weights = folder / "model.safetensors"
    if not weights.is_file():
        raise ValueError("it holds no model.safetensors")
    settings = {
        key: value for key, value in config.get("pretrained_cfg", {}).items() if key not in ("url", "hf_hub_id")
    }
    options = {**config.get("model_args", {}), "num_classes": 0, "pretrained": False, "pretrained_cfg": settings}
    model = timm.create_model(config["architecture"], **options)
    _fill(model, load_file(weights))
    return _with_transform(model)


def _from_file(architecture: str, file: Path) -> tuple[Any, Any]:
    import timm
    import torch
    from safetensors.torch import load_file

    if not file.is_file():
        raise ValueError(f"there is no file {str(file)!r}")
    model = timm.create_model(architecture, num_classes=0, pretrained=False)
    state = load_file(file) if file.suffix == ".safetensors" else torch.load(file, "cpu", weights_only=True)
    _fill(model, state)
    return _with_transform(model)


def _from_cache(name: str) -> tuple[Any, Any]:
    """A model by its name: of timm where the Hugging Face cache has it, else of torchvision where its cache has it."""
    import timm
    from safetensors.torch import load_file

    if not _is_of_timm(name):
        return _from_torchvision(name)
    repository, file = _cached(name)
    if file:
        model = timm.create_model(name, num_classes=0, pretrained=False)
        _fill(model, load_file(file))
        return _with_transform(model)
    try:
        return _from_torchvision(name)
    except ValueError:
        raise ValueError(f"its weights ({repository}) are not in the cache") from None


def _from_torchvision(name: str) -> tuple[Any, Any]:
    import torch
    from torchvision import models

    if name not in models.list_models(module=models):
        raise ValueError("neither timm nor torchvision has a model of this name")
    weights = models.get_model_weights(name).DEFAULT
    file = Path(torch.hub.get_dir()) / "checkpoints" / Path(weights.url).name
    if not file.is_file():
        raise ValueError(f"its weights are not in {str(file.parent)!r}")
    model = models.get_model(name, weights=None)
    model.load_state_dict(torch.load(file, "cpu", weights_only=True))
    head = next(part for part in ("fc", "classifier", "heads", "head") if hasattr(model, part))
    setattr(model, head, torch.nn.Identity())
    return model.eval(), weights.transforms()


def _fill(model: Any, state: dict[str, Any]) -> None:
    """Load weights; the classifier that they may hold is not wanted, everything else has to be there."""
    missing, _ = model.load_state_dict(state, strict=False)
    if missing:
        raise ValueError(f"the weights lack {missing[0]!r} and {len(missing) - 1} more")


def _picture(path: Path) -> Any:
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(path) as image:
            if image.width * image.height > MAX_PIXELS:
                raise ValueError("too many pixels")
            return image.convert("RGB")


def _encoded(model: Any, transform: Any, paths: Sequence[Path]) -> Vectors:
    import numpy as np
    import torch
    from PIL import Image

    rows: list[Any] = []
    for start in range(0, len(paths), IMAGES_AT_ONCE):
        pictures: list[Any] = []
        for path in paths[start : start + IMAGES_AT_ONCE]:
            try:
                pictures.append(transform(_picture(path)))
            except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
                pictures.append(None)
        rows += _features(model, [each for each in pictures if each is not None], pictures)
    width = next((len(row) for row in rows if row is not None), 1)
    with torch.no_grad():
        return np.array([np.full(width, np.nan) if row is None else row for row in rows], dtype=np.float32)


def _features(model: Any, pictures: list[Any], places: list[Any]) -> list[Any]:
    """A row for each place; None where there is no picture."""
    import torch

    if not pictures:
        return [None] * len(places)
    with torch.inference_mode():
        found = iter(model(torch.stack(pictures)).flatten(1).float().numpy())
    return [None if place is None else next(found) for place in places]


def fingerprints(paths: Sequence[Path]) -> npt.NDArray[np.uint64]:
    """64 bits of each image that stay the same when it is scaled or saved again (difference hash); 0 where it is flat
    or cannot be read.

    Source: N. Krawetz, "Kind of Like That", 2013.
    """
    import numpy as np
    from PIL import Image

    found = np.zeros(len(paths), dtype=np.uint64)
    for place, path in enumerate(paths):
        try:
            small = np.asarray(_picture(path).convert("L").resize((9, 8)), dtype=np.int16)
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            continue
        found[place] = np.packbits(small[:, 1:] > small[:, :-1]).view(np.uint64)[0]
    return found
