"""Whatever people and models write, records and replies survive it."""

import dataclasses
import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes.replies import flower_reply
from tunewise.record import parse_record, reply_from_json, reply_to_json, write_record
from tunewise.types import Fact, Situation

TEXT = st.text(max_size=60)
NASTY = st.sampled_from(
    ["```", "</pre>", "<script>", "|", "\\", "\u2028", "&lt;", "\r\n", "\x00", "\ud800", "[A1]", "#"]
)
ANYTHING = st.lists(st.one_of(TEXT, NASTY), max_size=6).map("".join)
QUIET = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@QUIET
@given(text=ANYTHING, format=st.sampled_from(["json", "markdown", "html"]))
def test_a_record_of_any_text_reads_back_from_every_format(make, decided, text: str, format: str):
    record = make(dataclasses.replace(decided, answer=text, notices=(text,)), (text,), title=text)
    assert parse_record(write_record(record, format)) == record
    page = write_record(record, "html")
    assert page.count("</pre>") == 1
    assert "<script" not in page


@QUIET
@given(name=TEXT, quote=ANYTHING, amount=st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)))
def test_a_reply_with_any_fact_survives_the_round_trip(name: str, quote: str, amount: float | None):
    fact = Fact(name, "value", "stated", quote, 1, amount=amount, unit=quote)
    reply = flower_reply(situation=Situation({name: fact}, {name: fact}))
    assert reply_from_json(json.loads(json.dumps(reply_to_json(reply, fact_names=())))) == reply
