"""Where the notes lie that answer a message, as it is learned and as it is read."""

from types import SimpleNamespace

import numpy as np
import pytest

from tests.answer.material import article_framework, situation
from tunewise.direct import DirectAnswer
from tunewise.errors import WeightsError
from tunewise.facts.text import read as read_message
from tunewise.reading import ENCODER
from tunewise.reading.encoder import Encoder, card_of, part_of
from tunewise.reading.placing import HEARD_FILE, Heard, Place, Placer, digest_of, digest_of_places
from tunewise.reading.reader import FOLDER, Artefact, Reader, open_reader
from tunewise.settings import DEFAULT_EMBEDDING, Settings
from tunewise.weights import locate_embedding

OF_PEFT = pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing:FutureWarning")
PLACE = Place((1.0,), {})
TEXTS = (
    "Is LoRA enough?",
    "I tuned XTTS on 40 minutes of my own voice, and since then it mumbles at the end of every sentence; why is that?",
)


@pytest.fixture(scope="module")
def folder():
    return locate_embedding(ENCODER, Settings.from_environment())


@pytest.mark.models
@OF_PEFT
def test_what_is_learned_is_what_is_read(folder, tmp_path):
    import torch

    from scripts.train_places import Learner, write
    from scripts.train_reader import Notes, first_message

    learner = Learner(folder, Notes(torch.eye(384)[:2], (), ("PN-a-01", "PN-a-02")), Artefact.load(FOLDER))
    with torch.inference_mode():
        learned = learner.place(TEXTS).numpy()
    write(tmp_path, learner, learner.notes, 0, {})
    reader = Artefact.load(FOLDER)
    placer = Placer(Encoder(folder, part_of(reader.weights, "adapter"), reader.longest), tmp_path)
    read = np.array([placer.place(first_message(text).marked.text) for text in TEXTS])
    np.testing.assert_allclose((learned * read).sum(-1), 1.0, atol=5e-3)  # it learns with half the bits
    np.testing.assert_allclose((read**2).sum(-1), 1.0, atol=1e-5)


@pytest.mark.models
@OF_PEFT
def test_the_order_of_graded_notes_is_learned(folder):
    """One message, two notes of which the other one begins nearer: after a few steps the better one is."""
    import torch

    from scripts.train_places import GradedMessage, Learner
    from scripts.train_reader import Notes

    reader = Artefact.load(FOLDER)
    learner = Learner(folder, Notes(torch.eye(384), (), ()), reader)
    with torch.inference_mode():
        near = int((learner.place(TEXTS[:1]) @ learner.notes.vectors.T).argmax())
    better = (near + 1) % 384
    graded = [GradedMessage(TEXTS[0], (near, better), (0, 3))]
    for parameter in learner.adapted.parameters():
        parameter.requires_grad_(False)
    optimizer = torch.optim.Adam([learner.note], lr=1e-2)
    for _ in range(10):
        optimizer.zero_grad()
        learner._grade_loss([(TEXTS[0], graded[0])]).backward()
        optimizer.step()
    first, second = learner.cosines(graded)[0]
    assert second > first


@pytest.mark.models
@pytest.mark.parametrize("text", ["?", "word " * 189, "word " * 3000])
def test_no_message_is_too_short_or_too_long(text):
    reader = open_reader(Settings.from_environment(), article_framework())
    assert reader is not None
    place = np.array(reader.place(text).vector)
    assert place.shape == (384,)
    assert abs((place**2).sum() - 1) < 1e-5


@pytest.mark.models
def test_the_notes_that_a_reader_places_among_are_those_of_the_default_embedding():
    reader = open_reader(Settings.from_environment(), article_framework())
    assert reader is not None
    assert reader.embedding == DEFAULT_EMBEDDING


CARD = '{"encoder": "all-mpnet-base-v2", "longest": 8, "sharpness": 4.0}'


@pytest.mark.parametrize(
    "card", [None, "{", "{}", CARD, CARD.replace("mpnet", "other")], ids=["none", "cut", "empty", "weights", "encoder"]
)
def test_an_artefact_that_cannot_be_used_says_what_to_do(tmp_path, card):
    if card is not None:
        (tmp_path / "places.json").write_text(card)
        (tmp_path / "places.safetensors").write_bytes(b"")
    with pytest.raises(WeightsError, match=r"scripts\.train_places"):
        Placer(None, tmp_path)


@pytest.mark.models
@pytest.mark.parametrize(
    "names", [["layer.3.output.dense.up", "layer.3.output.dense.down"], ["layer.8.output.dense.up"]]
)
def test_an_adapter_of_the_lower_half_or_half_an_adapter_is_refused(folder, tmp_path, names):
    from safetensors.numpy import save_file

    (tmp_path / "places.json").write_text(CARD)
    weights = {f"adapter.encoder.{name}": np.zeros((1, 1), np.float32) for name in names}
    save_file(
        weights | {"head.query": np.zeros((1, 768)), "head.note": np.zeros((384, 768))}, tmp_path / "places.safetensors"
    )
    with pytest.raises(WeightsError, match=r"scripts\.train_places"):
        Placer(Encoder(folder), tmp_path)


def test_places_were_learned_on_the_reader_that_ships():
    from scripts.train_places import digest_of_reader
    from scripts.weigh_notes import digest_of_grades

    card = card_of(FOLDER, "places")
    assert (card["reader_sha256"], card["grades_sha256"]) == (digest_of_reader(), digest_of_grades())


def test_the_messages_of_every_note_are_placed_by_the_weights_that_ship():
    """After notes were added or changed: python -m scripts.place_notes"""
    from scripts.place_notes import messages_of_notes

    heard = Heard(FOLDER)
    placed = dict(zip(heard.ids, heard.digests, strict=True))
    assert placed == {id_: digest_of(messages) for id_, messages in messages_of_notes().items()}
    assert heard.made_by == digest_of_places(FOLDER)
    np.testing.assert_allclose((heard.places**2).sum(-1), 1.0, atol=0.05)  # it holds them in steps of 1/127


@pytest.mark.models
@OF_PEFT
def test_what_is_placed_again_lies_where_it_lay(folder, tmp_path):
    """Of two notes one is known; the other is placed as the shipped file has it, and neither a changed message nor
    other weights are taken for known."""
    from scripts.place_notes import known_in, learned, messages_of_notes, place_notes

    shipped, messages = Heard(FOLDER), messages_of_notes()
    known, new = shipped.ids[:2]
    heard = {known: messages[known], new: messages[new]}
    (tmp_path / "places.safetensors").write_bytes((FOLDER / "places.safetensors").read_bytes())
    place_notes(tmp_path, learned(folder, FOLDER), heard, {known: shipped.places[0]})
    placed = Heard(tmp_path)
    np.testing.assert_allclose((placed.places * shipped.places[:2]).sum(-1), 1.0, atol=0.015)
    assert known_in(tmp_path, heard | {new: ("Another message.",)}).keys() == {known}
    (tmp_path / "places.safetensors").write_bytes(b"other")
    assert known_in(tmp_path, heard) == {}


@pytest.mark.models
def test_a_message_of_a_note_lies_near_the_messages_of_that_note():
    from scripts.place_notes import messages_of_notes

    reader = open_reader(Settings.from_environment(), article_framework())
    assert reader is not None
    some = list(messages_of_notes().items())[::900]
    for id_, messages in some:
        heard = reader.place(messages[0]).heard
        nearer = sum(each > heard[id_] for each in heard.values())
        assert nearer < 100, id_


def test_places_of_messages_that_cannot_be_read_say_what_to_do(tmp_path):
    with pytest.raises(WeightsError, match=r"scripts\.place_notes"):
        Heard(tmp_path)
    (tmp_path / HEARD_FILE).write_bytes(b"cut")
    with pytest.raises(WeightsError, match=r"scripts\.place_notes"):
        Heard(tmp_path)
    with pytest.raises(WeightsError, match=r"of another form.*scripts\.place_notes --places"):
        Heard(FOLDER, 768)


@pytest.mark.models
def test_a_first_message_that_was_read_is_worked_out_for_its_place_from_the_middle_on():
    framework = article_framework()
    reader = Reader(locate_embedding(ENCODER, Settings.from_environment()), FOLDER, framework)
    reader.read(read_message(TEXTS[1]))
    halfway = reader._load_placer()[0]._encoder._halfway
    before = halfway.cache_info()
    reader.place(TEXTS[1])
    after = halfway.cache_info()
    assert (after.hits, after.misses) == (before.hits + 1, before.misses)


def test_what_is_held_out_is_not_learned_with_the_notes_either():
    from scripts.place_notes import messages_of_notes
    from scripts.train_places import graded, unheard
    from scripts.train_reader import Notes

    notes = Notes(None, (("Is 12 GB enough?", 0), ("Is LoRA enough?", 1)), ("PN-a-01", "PN-a-02"))
    rows = [
        {"text": "is 12 gb enough", "grades": {"PN-a-01": 1, "PN-a-02": 3, "PN-gone-01": 0}},
        {"text": "Which rate?", "grades": {"PN-a-01": 1, "PN-a-02": 1}},
    ]
    assert unheard(notes, rows).heard == (("Is LoRA enough?", 1),)
    id_, messages = next(iter(messages_of_notes().items()))
    assert messages_of_notes([messages[0].upper()])[id_] == messages[1:]
    assert [(each.notes, each.grades) for each in graded(rows, notes)] == [((0, 1), (1, 3))]


def test_only_what_is_english_is_placed_and_a_later_question_with_its_case():
    placed: list[str] = []
    direct = DirectAnswer(None, None, SimpleNamespace(place=lambda text: placed.append(text) or PLACE))
    past = SimpleNamespace(situation=situation(dataset_size=("small", "70 scans")))
    assert direct._place(SimpleNamespace(number=1, past=past), "我应该微调这个模型吗？") is None
    assert direct._place(SimpleNamespace(number=1, past=past), "Is LoRA enough?") == PLACE
    assert direct._place(SimpleNamespace(number=2, past=past), "Is LoRA enough?") == PLACE
    assert placed == ["Is LoRA enough?", "70 scans. Is LoRA enough?"]
    assert DirectAnswer(None, None, None)._place(SimpleNamespace(number=1, past=past), "Is LoRA enough?") is None
