"""The records that travel between the steps of a turn. Nothing here imports anything heavy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

FactStatus = Literal["stated", "assumed", "edited", "measured", "unknown"]
Origin = Literal["rules", "model"]
FindingKind = Literal["valid", "invalid", "satisfiable", "impossible", "ambiguous", "no_recommendation", "not_checked"]
ReplyKind = Literal["advice", "knowledge", "clarify", "not_covered", "small_talk"]
Move = Literal["new_case", "addition", "correction", "what_if", "follow_up", "small_talk", "outside", "hostile"]
ReadMove = Literal[Move, "knowledge", "advice_from_elsewhere"]  # finer than what a reply says of its message
ReadProject = Literal["same", "new", "back"]  # the case of the message before, a new one, an earlier one
ReadReality = Literal["real", "supposes", "returns"]  # what is so, what is supposed, no more what was supposed
FollowUpKind = Literal[
    "why", "why_not", "what_would_change", "which_of_two", "verdict", "stands", "back", "unsourced",
    "summarise", "recall", "source", "steps", "time_cost",
    "greeting", "thanks", "goodbye", "chat", "outside", "hostile",
]  # fmt: skip
Author = Literal["code", "note", "quote", "model"]
Language = str  # a code of corpus/languages; any other means English

UNKNOWN = "unknown"
MEDIUM = "medium"  # the size of data between the cut-offs
PRACTICE = "practice"  # the collection of practice notes
OF_THE_MODEL = frozenset({"model_size", "model_type"})  # facts that follow from a base model's name alone
COMPUTED = frozenset({"architecture"})  # details that code computes with, and nobody says


@dataclass(frozen=True, slots=True)
class Fact:
    """One typed variable of a situation.

    `value` is one of the framework's values for a framework fact ("small"), free text for a detail
    ("resnet-50"), or "unknown". `quote` is a verbatim span of the user's message, `turn` counts the user's
    messages from 1. `reason` says why an assumed fact was assumed, or why a stated number leaves it unknown.
    `amount` and `unit` hold the number that was read, if there was one (800.0, "images"); memory in GB.
    """

    name: str
    value: str = UNKNOWN
    status: FactStatus = "unknown"
    quote: str | None = None
    turn: int | None = None
    reason: str | None = None
    amount: float | None = None
    unit: str | None = None

    @property
    def known(self) -> bool:
        """Whether it has a value."""
        return self.value != UNKNOWN


@dataclass(frozen=True, slots=True)
class Clash:
    """A fact that one message states in two ways that cannot both hold, or that can be read two ways.

    `readings` are (value, quote) pairs in the order of the message.
    """

    fact: str
    readings: tuple[tuple[str, str], ...]
    kind: Literal["impossible", "ambiguous"] = "impossible"


@dataclass(frozen=True, slots=True)
class Situation:
    """All facts of a conversation: what the framework decides on (`facts`) and what is shown or computed with
    (`details`: n_examples, n_classes, base_model, architecture, model_parameters, modality, hardware, gpu_memory,
    ...)."""

    facts: Mapping[str, Fact] = field(default_factory=dict)
    details: Mapping[str, Fact] = field(default_factory=dict)
    clashes: tuple[Clash, ...] = ()

    def values(self) -> dict[str, str]:
        """Known framework facts as {name: value}, sorted by name; what `decide` and `check` take."""
        return {name: fact.value for name, fact in sorted(self.facts.items()) if fact.known}

    def value(self, name: str) -> str:
        """Value of a framework fact, "unknown" if it was not given."""
        fact = self.facts.get(name)
        return fact.value if fact else UNKNOWN


@dataclass(frozen=True, slots=True)
class Conditional:
    """What is recommended instead once `when` (fact → value) is known; `when` is called "if" in JSON."""

    __pydantic_config__: ClassVar[Mapping[str, object]] = {
        "alias_generator": lambda name: "if" if name == "when" else name
    }

    when: Mapping[str, str]
    primary: str
    supporting: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One primary strategy (None where there is nothing to recommend), at most five supporting ones, ranked."""

    primary: str | None
    supporting: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    origin: Origin = "rules"
    conditional: tuple[Conditional, ...] = ()

    @property
    def strategies(self) -> tuple[str, ...]:
        """Primary first, then supporting."""
        return ((self.primary,) if self.primary else ()) + self.supporting


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of the checker about one strategy (or about the situation, then `strategy` is None).

    `repair` (invalid): the smallest change of the recommendation that satisfies the rules, as
    {"remove": [...], "add": [...], "primary": "..."} with only the keys that apply.
    `holds`, `fails` and `ask` (satisfiable): one completion (fact → value) under which the strategy is admissible,
    one under which it is not, and the fact to ask for. `facts` are fact names.
    """

    kind: FindingKind
    message: str
    strategy: str | None = None
    rules: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    repair: Mapping[str, object] | None = None
    holds: Mapping[str, str] | None = None
    fails: Mapping[str, str] | None = None
    ask: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The worst finding of a recommendation, and all of them."""

    status: FindingKind
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """A question whose answer could change the advice; `outcomes` is value → primary strategy."""

    fact: str
    text: str
    outcomes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk of a document. `text` is exactly `document_text[start:end]` (character offsets into the document as
    shipped); `section` is the heading path ("A Deeper Dive … / 2. Computational Resources / Limited …"); `asks` are the
    questions that a practice note answers, `heard` whole messages to which it is the answer."""

    id: str
    collection: str
    document: str
    title: str
    section: str
    start: int
    end: int
    text: str
    asks: tuple[str, ...] = ()
    heard: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that a search found. `score` is the merged score, higher is better; `similarity` the cosine of
    question and passage (None without the embedding model)."""

    passage: Passage
    score: float
    similarity: float | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    """A cited span; `quote` is exactly the document's text from `start` to `end`."""

    id: str
    collection: str
    document: str
    section: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class NearbyNote:
    """A practice note that a reply does not show but offers: the question that it answers, in English, and its whole
    answer."""

    question: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class SentenceShown:
    """One sentence of an answer, who wrote it, and the ids of the passages that it rests on.

    `by` is "code" for our templates, "note" for a practice note's own words, "quote" for a document's sentence in
    quotation marks, "model" for what the model wrote.
    """

    text: str
    by: Author = "code"
    citations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stance:
    """What a sentence says for or against a strategy, and how the checker judges it.

    `sentence` is the place of the sentence in `Reply.sentences` (from 0), `rules` are ids of rules.
    """

    sentence: int
    by: Author
    strategy: str
    stance: Literal["for", "against"]
    verdict: FindingKind
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProposedFact:
    """A fact that the message seems to state; it is asked about and never decided on. `quote` is verbatim."""

    fact: str
    value: str
    quote: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What one message says.

    `situation` is merged with the earlier one; for a what-if it is the supposed situation, and the caller keeps the
    earlier one. `missing` are facts of the framework that are unknown after merging, `stated` those that this message
    itself gave a value to, `mentions` the strategies it names. `proposed` are facts that it seems to state, `asked`
    what it asks (`Reply.asked`), most likely first, and `move` what it does in the conversation; `project` and
    `reality` say what it is about. `learned` says whether it was read by examples; else all from `proposed` on says
    nothing.
    """

    situation: Situation
    language: Language
    hypothetical: bool = False
    missing: tuple[str, ...] = ()
    stated: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    is_situated: bool = False
    proposed: tuple[ProposedFact, ...] = ()
    asked: tuple[str, ...] = ()
    move: ReadMove = "new_case"
    project: ReadProject = "same"
    reality: ReadReality = "real"
    learned: bool = False


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What a message wants of the conversation itself rather than of a new case.

    `strategies` are those that it asks about, `language` the one that it wants the answer in, `sentences` how many of
    them (0: as it comes).
    """

    kind: FollowUpKind
    strategies: tuple[str, ...] = ()
    language: Language | None = None
    sentences: int = 0


@dataclass(frozen=True, slots=True)
class Withheld:
    """A sentence of the model that was not shown, and why."""

    sentence: str
    reason: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the model proposed by itself, and the verdict on it."""

    primary: str | None
    supporting: tuple[str, ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the practical plan; `source` is a rule id, a parameter id or a passage id."""

    title: str
    text: str
    source: str | None = None


@dataclass(frozen=True, slots=True)
class TrainingStep:
    """The step that training memory was measured at.

    `batch` examples at once, each `length` `unit` (tokens, pixels a side, seconds), of the `usual_batch`; `recomputed`:
    with gradient checkpointing. `models` are the measured ones; `scaled`: to another size.
    """

    batch: int
    usual_batch: int
    length: int
    unit: str
    recomputed: bool
    models: tuple[str, ...]
    scaled: bool


@dataclass(frozen=True, slots=True)
class MemoryEstimate:
    """Training memory in GB of one method for the user's model; `fits` is None if the hardware is unknown.

    `step` is what was measured; None where it is a rule of thumb, which counts no activations.
    """

    method: str
    gigabytes: float
    formula: str
    source: str
    fits: bool | None = None
    step: TrainingStep | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Practical next steps for the primary strategy, and what the training would need."""

    steps: tuple[Step, ...] = ()
    memory: tuple[MemoryEstimate, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """Everything for one turn; `record.reply_to_json` gives the published form (evals/FORMAT.md).

    `asked` names what the message asks ("hardware_enough"), `move` what it does in the conversation. `answer` is the
    texts of `sentences` joined. A `hypothetical` reply answers a what-if: its situation is supposed, and the
    conversation keeps the one before. `project` counts the cases of a conversation from 1; each has its own facts.
    `nearby` are notes that lie near the message and are only offered: the answer does not rest on them.
    """

    kind: ReplyKind
    answer: str
    language: Language
    situation: Situation
    recommendation: Recommendation | None = None
    verdict: Verdict | None = None
    proposals: tuple[Proposal, ...] = ()
    questions: tuple[Question, ...] = ()
    citations: tuple[Citation, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    plan: Plan | None = None
    notices: tuple[str, ...] = ()
    timings_s: Mapping[str, float] = field(default_factory=dict)
    turn: int = 1
    conversation: str | None = None
    project: int = 1
    hypothetical: bool = False
    asked: tuple[str, ...] = ()
    move: Move = "new_case"
    sentences: tuple[SentenceShown, ...] = ()
    stances: tuple[Stance, ...] = ()
    proposed: tuple[ProposedFact, ...] = ()
    nearby: tuple[NearbyNote, ...] = ()
