"""Every move after advice was given, with a reader that says which it is."""

import pytest

from tests.fakes.reader import ToldAdvisor
from tunewise.answer.composed import words_in
from tunewise.framework import load_framework

FLOWERS = "I have 800 labelled flower photos and a ResNet-50 pre-trained on ImageNet, one RTX 3060. Should I tune it?"
PARCELS = "New topic: crop maps, 250,000 labelled parcels, nothing like photos. Which method?"


@pytest.fixture
def told(settings, searcher):
    advisor = ToldAdvisor(settings, load_framework(), searcher)
    yield advisor
    advisor.conversations.close()


@pytest.fixture
def say(told):
    """Say something in a conversation in which advice on flowers was given."""
    conversation = told.conversations.create()
    told.say(FLOWERS, "new_case", "whether_to_tune", conversation=conversation)
    return lambda text, move, *asked: told.say(text, move, *asked, conversation=conversation)


@pytest.mark.parametrize(
    ("text", "asked", "words"),
    [
        ("and the reason?", "why", "comes first because of “800 labelled flower photos” and “RTX 3060”"),
        ("train all of it, full fine-tuning, why not?", "why_not", "Full fine-tuning is not advised here."),
        ("LoRA or full fine-tuning, one word!", "which_of_two", "Of the two LoRA"),
        ("and what flips it?", "what_would_change", "about 100,000 labelled examples"),
        ("tl;dr", "summarise", "In short, with “800 labelled flower photos”"),
        ("what did I say?", "recall", "“RTX 3060”, so compute: limited"),
        ("where is that from?", "source", "Deciding whether to fine-tune a pre-trained model"),
        ("what are the next steps?", "steps", "2. Split: Set about 160 of your 800 examples aside"),
        ("how long?", "time_cost", "minutes to hours on one GPU"),
        ("just say yes", "whether_to_tune", "Yes: freeze the early layers"),
        ("decide!", "which_method", "The advice stands: freeze the early layers"),
    ],
)
def test_a_question_about_the_advice_is_answered_first_and_in_short(say, text, asked, words):
    reply = say(text, "follow_up", asked)
    assert words in reply.answer
    assert words_in(reply.answer) < 120
    assert (reply.kind, reply.move, reply.asked) == ("advice", "follow_up", (asked,))
    assert reply.recommendation.primary == "feature_extraction"
    assert reply.situation.value("dataset_size") == "small"
    assert all(set(one.citations) <= {cited.id for cited in reply.citations} for one in reply.sentences)


def test_the_number_of_sentences_wanted_is_kept(say):
    reply = say("in two sentences please", "follow_up", "summarise")
    assert len(reply.sentences) == 2


def test_the_answer_comes_in_the_language_that_is_asked_for_or_says_that_it_cannot(say):
    assert say("en français svp", "follow_up", "other").answer.startswith("En bref, avec « 800")
    reply = say("auf Deutsch bitte", "follow_up", "other")
    assert reply.answer.startswith("I cannot write German, only English, French and Chinese")
    assert reply.language == "en"


def test_a_changed_number_is_said_first_with_what_it_does_to_the_advice(say):
    reply = say("now we have 900 photos", "addition")
    assert reply.answer.startswith("Noted: 800 → 900 photos, data size: still small. The first choice stays: freeze")
    reply = say("oops, 300,000 photos and 8x A100", "correction")
    assert reply.answer.startswith("Noted: 900 → 300,000 photos, data size: now large; compute: now ample")
    assert "from feature extraction to this: fine-tune the whole model" in reply.answer
    assert reply.move == "correction"


def test_whether_that_changed_the_advice_is_told_from_the_last_two(say):
    say("now we have 900 photos", "addition")
    assert say("does that change it?", "follow_up", "what_would_change").answer.startswith("No, feature extraction is")
    say("oops, 300,000 photos and 8x A100", "correction")
    reply = say("does that change it?", "follow_up", "what_would_change")
    assert reply.answer.startswith("Yes, that changes it: feature extraction was the first choice")
    assert say("and what would?", "follow_up", "what_would_change").answer.startswith("Full fine-tuning is the first")


def test_a_what_if_is_asked_about_and_ends_with_the_facts_as_they_were(say):
    supposed = say("What if I had 300,000 photos and 8x A100?", "what_if", "what_would_change")
    assert supposed.answer.startswith("In that case (800 → 300,000 photos")
    assert say("why?", "follow_up", "why").hypothetical
    back = say("ok, as it really is", "follow_up")
    assert back.answer.startswith("Back to what you really have (“800 labelled flower photos” and “RTX 3060”)")
    assert (back.hypothetical, back.recommendation.primary) == (False, "feature_extraction")
    assert say("what did I say?", "follow_up", "recall").situation.value("dataset_size") == "small"


def test_a_new_project_has_a_sheet_of_its_own_and_the_old_one_is_kept(say, told):
    reply = say(PARCELS, "new_case", "which_method")
    assert reply.answer.startswith("I take this as a new project")
    assert (reply.project, reply.move) == (2, "new_case")
    assert reply.situation.value("compute") == "unknown"
    assert say("only 2,000 labelled parcels after all", "correction").project == 2
    back = say("enough of the parcels, where were we with the flowers?", "follow_up", "recall")
    assert back.answer.startswith("Back to your project with “800 labelled flower photos”")
    assert (back.project, back.situation.value("compute")) == (1, "limited")
    sheets = {one.number: one.situation for one in told.conversations.projects(back.conversation)}
    assert (sheets[1].value("compute"), sheets[2].value("compute")) == ("limited", "unknown")


def test_to_name_only_the_earlier_project_is_to_go_back_to_it(say):
    say(PARCELS, "new_case", "which_method")
    reply = say("let's go back to the flowers", "follow_up")
    assert "In short, with “800 labelled flower photos”" in reply.answer


def test_more_of_the_same_is_no_new_project_whatever_the_reader_says(say):
    assert say("Now 900 flower photos. Which method?", "new_case", "which_method").project == 1


@pytest.mark.parametrize(
    ("text", "move", "kind", "words"),
    [
        ("thanks, that helps", "small_talk", "small_talk", "You are welcome"),
        ("vielen Dank!", "small_talk", "small_talk", "Gern geschehen"),
        ("are you a human?", "small_talk", "small_talk", "I am a program"),
        ("who won the match?", "outside", "not_covered", "That is outside what I know"),
        ("obey, or else", "hostile", "not_covered", "my advice is still feature extraction"),
    ],
)
def test_what_is_beside_the_subject_has_one_friendly_sentence_and_keeps_the_facts(say, text, move, kind, words):
    reply = say(text, move)
    assert words in reply.answer
    assert (reply.kind, reply.move, len(reply.sentences)) == (kind, move, 1)
    assert say("what did I say?", "follow_up", "recall").situation.value("dataset_size") == "small"


def test_on_the_subject_without_a_source_that_is_said_and_the_advice_stands(say, told, monkeypatch):
    monkeypatch.setattr(told._direct, "_notes", None)
    reply = say("Is DPO better than RLHF for my model?", "follow_up", "other")
    assert reply.answer.startswith("My sources say nothing on that")
    assert reply.recommendation.primary == "feature_extraction"


def test_why_something_is_missing_that_no_rule_weighs_is_not_answered_by_why_something_else_is_there(say):
    assert say("why isn't RAG on your list", "follow_up", "why_not").answer.startswith("My sources say nothing on that")


def test_a_first_case_after_a_general_question_is_no_second_project(told):
    conversation = told.conversations.create()
    told.say("What is LoRA?", "knowledge", "concept", conversation=conversation)
    assert told.say(PARCELS, "new_case", "which_method", conversation=conversation).project == 1


def test_before_any_advice_what_was_said_is_nothing(told):
    reply = told.say("what did I say?", "follow_up", "recall", conversation=told.conversations.create())
    assert reply.answer.startswith("You have told me nothing about your case yet.")
    assert (reply.kind, reply.recommendation) == ("knowledge", None)


@pytest.mark.parametrize(("model", "in_bytes"), [("BERT-base", False), ("DeBERTa", True)])
def test_the_bytes_of_a_parameter_are_told_only_where_no_measured_sum_follows(told, model, in_bytes):
    conversation = told.conversations.create()
    message = f"250,000 labelled registers, nothing like the text {model} was trained on; 8 A100 with 80 GB. How?"
    told.say(message, "new_case", "which_method", conversation=conversation)
    reply = told.say("how long?", "follow_up", "time_cost", conversation=conversation)
    assert reply.recommendation.primary == "full_fine_tuning"
    assert "hours to days" in reply.answer
    assert ("18 bytes" in reply.answer) == in_bytes


@pytest.fixture
def noted(told):
    """Say something where a note alone was the answer."""
    conversation = told.conversations.create()
    first = told.say(
        "Why does my tuned Whisper invent text in silence?", "new_case", "went_wrong", conversation=conversation
    )
    assert (first.kind, first.citations[0].collection) == ("knowledge", "practice")
    return first, lambda text, move, *asked: told.say(text, move, *asked, conversation=conversation)


@pytest.mark.parametrize(
    "text", ["tell me more", "but for what reason would that be so?", "ok, details please", "继续"]
)
def test_behind_a_note_alone_the_rest_of_its_detail_is_told(noted, told, text):
    first, say = noted
    reply = say(text, "follow_up")
    note = told.searcher.corpus.notes[first.citations[0].id]
    assert (reply.kind, reply.move) == ("knowledge", "follow_up")
    rest = [one.quote for one in reply.citations]
    assert rest
    assert all(quote in note.more.text and quote.rstrip(".") not in first.answer for quote in rest)
    assert not any(quote in say(text, "follow_up").answer for quote in rest)


def test_where_a_detail_is_told_to_its_end_a_note_that_was_offered_follows(noted):
    first, say = noted
    offered = {near.citation.id for near in first.nearby}
    replies = [say("tell me more", "follow_up") for _ in range(3)]
    shown = [next(iter(reply.citations)).id for reply in replies if reply.citations]
    assert offered
    assert len(shown) == 3
    assert shown[-1] in offered
    assert len({reply.answer for reply in replies}) == 3


def test_a_note_alone_is_told_in_short_and_in_another_language(noted, told):
    first, say = noted
    brief = say("tl;dr", "follow_up", "summarise")
    assert first.citations[0].quote.startswith(brief.citations[0].quote)
    assert sum(len(one.quote.split()) for one in brief.citations) < len(first.citations[0].quote.split())
    assert len(brief.answer.split()) >= 5
    french = say("in French, please", "follow_up")
    note = told.searcher.corpus.notes[first.citations[0].id]
    assert (french.citations[0].quote, french.language) == (note.answer_in("fr").text, "fr")


@pytest.mark.parametrize(
    ("text", "move"),
    [
        ("Which learning rate?", "new_case"), ("Only a few hundred", "new_case"), ("And on Windows?", "new_case"),
        ("Quel taux d’apprentissage utiliser ?", "new_case"), ("那学习率应该设多少？", "new_case"),
        ("继续训练会怎样", "new_case"), ("I would continue training it on the old data then", "new_case"),
        ("No idea.", "addition"), ("and for a 7B?", "follow_up"), ("We have 300 hours of speech.", "addition"),
    ],
)  # fmt: skip
def test_whoever_says_or_asks_something_behind_a_note_does_not_want_more_of_it(noted, told, text, move):
    first, say = noted
    rest = told.searcher.corpus.notes[first.citations[0].id].more.text
    assert not any(one.quote in rest for one in say(text, move).citations)
