from __future__ import annotations

from tunewise.llm.drafting import CopyDrafter, DraftPolicy


def trusting() -> DraftPolicy:
    policy = DraftPolicy()
    for match in range(2, 7):
        for _ in range(50):
            policy.learn(match, 2, 2)
    return policy


def test_a_draft_is_what_follows_the_same_words_in_a_source():
    assert CopyDrafter([[1, 2, 3, 4, 5, 6, 7]], trusting()).draft([9, 2, 3, 4], 10) == [5, 6]


def test_there_is_no_draft_where_the_words_do_not_occur():
    assert CopyDrafter([[1, 2, 3, 4]], trusting()).draft([4, 3], 10) == []


def test_the_place_with_the_longest_match_wins():
    drafter = CopyDrafter([[1, 2, 7, 7], [5, 1, 2, 8, 8]], trusting())
    assert drafter.draft([5, 1, 2], 10) == [8, 8]


def test_a_draft_never_runs_from_one_source_into_the_next():
    assert CopyDrafter([[1, 2, 3], [4, 5, 6]], trusting()).draft([1, 2], 10) == [3]


def test_a_draft_keeps_to_the_room_that_is_left():
    assert CopyDrafter([[1, 2, 3, 4, 5]], trusting()).draft([1, 2], 1) == [3]


def test_drafting_goes_on_only_where_it_pays():
    policy = DraftPolicy()
    for _ in range(100):
        policy.learn(4, 0, 2)
    assert policy.length(4) == 0


def test_a_policy_that_is_right_drafts_and_a_slow_batch_stops_it():
    policy = trusting()
    assert policy.length(6) == 2
    for _ in range(400):
        policy.measured(1, 0.01)
        policy.measured(2, 0.02)
        policy.measured(3, 0.03)
    assert policy.length(6) == 0
