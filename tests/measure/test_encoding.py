"""Encoders of texts and images that lie on this machine, and what is said where none does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.homes import home_with_weights
from tests.measure.data import texts, write_csv
from tunewise.measure import MeasureError, measure
from tunewise.measure.encoding import Encoder, encode, names_read
from tunewise.measure.images import fingerprints, open_image_encoder
from tunewise.measure.records import Budget, Drawn
from tunewise.settings import Settings


def picture(path: Path, colour: tuple[int, int, int], seed: int) -> Path:
    random = np.random.default_rng(seed)
    noise = random.normal(0, 40, (24, 24, 3)) + np.array(colour)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(noise.clip(0, 255).astype(np.uint8)).resize((48, 48)).save(path)
    return path


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small timm model, as timm saves it."""
    import timm
    import torch
    from timm.models import save_for_hf

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("tiny")
    save_for_hf(timm.create_model("test_resnet", pretrained=False, num_classes=3), folder, safe_serialization=True)
    return folder


@pytest.fixture(scope="module")
def flowers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("flowers")
    for place in range(30):
        picture(folder / "train" / "rose" / f"{place}.png", (200, 40, 40), place)
        picture(folder / "train" / "iris" / f"{place}.png", (40, 40, 200), 100 + place)
    (folder / "train" / "rose" / "broken.png").write_bytes(b"no image")
    return folder


def test_a_folder_of_images_is_measured_with_a_timm_model(flowers: Path, tiny: Path):
    found = measure(flowers, encoder=str(tiny))
    assert (found.kind, found.rows, found.classes[1]) == ("image", 61, ("iris", 30))
    assert found.probe.accuracy.value > 0.9
    assert "1 files cannot be read as images" in " ".join(found.notes)
    assert {"modality": "image"}.items() <= {fact.name: fact.value for fact in found.facts}.items()


def test_weights_in_a_file_need_the_name_of_their_architecture(tiny: Path, flowers: Path):
    label, run = open_image_encoder(f"test_resnet={tiny / 'model.safetensors'}")
    images = sorted((flowers / "train" / "iris").iterdir())[:3]
    by_folder = open_image_encoder(str(tiny))[1](images)
    assert label == "model.safetensors"
    np.testing.assert_allclose(run(images), by_folder, rtol=1e-4)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (None, "Images need --encoder"),
        ("resnet50", "not in the cache"),
        ("vgg11", "cache"),
        ("no-such-model", "neither timm nor torchvision"),
        ("test_resnet=/nowhere.pth", "no file"),
    ],
)
def test_nothing_is_fetched_and_what_can_be_given_is_said(name, expected, tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(MeasureError, match=expected) as caught:
        open_image_encoder(name)
    assert "Give the folder of a timm model" in str(caught.value) or name is None


def test_a_folder_that_holds_no_model_is_refused(tmp_path: Path):
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(MeasureError, match="names no timm architecture"):
        open_image_encoder(str(tmp_path))


def test_weights_of_another_architecture_are_refused(tiny: Path):
    with pytest.raises(MeasureError, match="the weights lack"):
        open_image_encoder(f"test_vit={tiny / 'model.safetensors'}")


def test_a_fingerprint_survives_another_format_and_tells_pictures_apart(tmp_path: Path):
    one, other = (picture(tmp_path / f"{seed}.png", (120, 120, 120), seed) for seed in (1, 2))
    again = tmp_path / "again.jpg"
    Image.open(one).save(again, quality=85)
    first, same, different = fingerprints([one, again, other])
    assert np.bitwise_count(first ^ same) <= 3 < np.bitwise_count(first ^ different)


def test_a_folder_of_texts_has_one_class_a_folder(tmp_path: Path):
    from tunewise.measure.folders import draw_folder

    for place, (text, topic) in enumerate(texts(30)):
        path = tmp_path / topic / f"{place}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    (tmp_path / "chess" / "empty.txt").write_text("")
    drawn = draw_folder(tmp_path, size=100, seed=0, budget=Budget(1e9))
    assert (drawn.kind, len(drawn.items), drawn.counts["cooking"]) == ("text", 30, 10)
    assert "1 files are empty" in drawn.notes[0]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ([], "No images and no text"),
        (["table.csv"], "give that file"),
        (["a.txt", "b.txt"], "in no sub-folders"),
        (["x/a.wav"], "recordings"),
    ],
)
def test_folders_that_cannot_be_measured_are_answered_in_one_sentence(tmp_path: Path, files, expected):
    for name in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    with pytest.raises(MeasureError, match=expected):
        measure(tmp_path)


def test_as_many_rows_are_encoded_as_the_time_allows_and_a_round_number_of_them():
    now = [0.0]

    def slow(items):
        now[0] += len(items) / 20  # twenty rows a second
        return np.ones((len(items), 2), dtype=np.float32)

    drawn = Drawn("text", [str(i) for i in range(5000)], ("a",) * 5000, 5000, {"a": 5000})
    used, vectors, notes = encode(drawn, Encoder("slow", slow), Budget(100, clock=lambda: now[0]), 0.5)
    assert len(used.items) == len(vectors) == 1000
    assert "--max-rows 1000" in notes[0]
    assert now[0] <= 51


@pytest.mark.parametrize(
    ("labels", "expected"),
    [(["spam_mail", "ham-mail"], ("spam mail", "ham mail")), (["0", "1"], None), (["a", "b"], None)],
)
def test_names_of_classes_are_read_as_words_and_numbers_say_nothing(labels, expected):
    assert names_read(labels) == expected


@pytest.mark.models
def test_the_pinned_encoder_tells_topics_apart_without_any_training(tmp_path: Path):
    rows = [*texts(60), *texts(3)]
    settings = Settings(home=home_with_weights(tmp_path))
    reference = write_csv(tmp_path / "ref.csv", [(text, "") for text, _ in texts(60, seed=9)])
    found = measure(
        write_csv(tmp_path / "d.csv", rows), settings=settings, target=0.8, reference=reference, max_rows=63
    )
    zero_shot = found.baselines[1]
    assert "zero-shot" in zero_shot.way
    assert zero_shot.accuracy.value > 0.8
    assert found.probe.accuracy.value > 0.9
    assert found.copies.exact == 3
    facts = {fact.name: fact.value for fact in found.facts}
    assert facts["baseline"] == "good_enough"
    assert found.shift is not None
    assert facts["similarity"] in ("high", "unknown")
    assert found.after.primary != found.before.primary
