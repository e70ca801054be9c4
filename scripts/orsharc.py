"""Measures a framework's own reading from outside, on rules and questions of OR-ShARC (their split, their texts).

    python -m scripts.orsharc DATA RULES [--memo FILE]

DATA holds `open_retrieval_sharc_test.json` of github.com/Yifan-Gao/open_retrieval_conversational_machine_reading
(CC BY-SA 3.0; not in this repository). RULES holds one JSON file for each rule text: its conditions with the question
that asks for each and example sentences, the logic that joins them, and questions that it answers. Each becomes a
framework file; an item is decided by reading its question and scenario with the framework's examples, its follow-up
questions by the condition that they are nearest to, and by the framework's own rules: yes where the logic holds in
every completion, no where it holds in none, else a question back. The gold rule text is given (no retrieval).
"""

from __future__ import annotations

import argparse
import ast
import json
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from tunewise.facts.text import read
from tunewise.framework import Framework, decide, load_framework
from tunewise.reading import ENCODER
from tunewise.reading.encoder import Encoder
from tunewise.reading.few_shot import FewShotReader
from tunewise.settings import Settings
from tunewise.weights import locate_embedding

ANSWERS = ("yes", "no", "more")
PUBLISHED = "published, whole test set of ShARC (another split, rule text given): micro 77.9, macro 81.1"
Item = dict[str, Any]
Values = dict[str, str]
Logic = Callable[[Mapping[str, bool]], bool]


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions that one question may ask for together: whether any of them holds, or all."""

    members: tuple[str, ...]
    any_of: bool


def truth(logic: str) -> Logic:
    """The logic as a function of the conditions."""
    node = ast.parse(logic, mode="eval").body

    def holds(node: ast.expr, given: Mapping[str, bool]) -> bool:
        match node:
            case ast.Name(id=name):
                return given[name]
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return not holds(operand, given)
            case ast.BoolOp(op=op, values=values):
                return (any if isinstance(op, ast.Or) else all)(holds(value, given) for value in values)
        raise ValueError(f"The logic {logic!r} has something else than and, or, not and conditions.")

    return lambda given: holds(node, given)


def groups(logic: str) -> Iterator[Group]:
    """Conditions that stand side by side in the logic."""
    for node in ast.walk(ast.parse(logic, mode="eval")):
        if isinstance(node, ast.BoolOp):
            inner = [each.operand for each in node.values if isinstance(each, ast.UnaryOp)]
            plain, negated = _named(node.values), _named(inner)
            any_of = isinstance(node.op, ast.Or)
            yield from (Group(names, way) for names, way in ((plain, any_of), (negated, not any_of)) if len(names) > 1)


def _named(nodes: list[ast.expr]) -> tuple[str, ...]:
    return tuple(node.id for node in nodes if isinstance(node, ast.Name))


def terms(holds: Logic, names: list[str]) -> list[Values]:
    """The least that must be known for the logic to hold whatever the rest is (its prime implicants)."""
    found: list[Values] = []
    for size in range(len(names) + 1):
        for chosen in combinations(names, size):
            for values in product((True, False), repeat=size):
                given = dict(zip(chosen, values, strict=True))
                stated = {name: "yes" if value else "no" for name, value in given.items()}
                if not any(term.items() <= stated.items() for term in found) and _always(holds, names, given):
                    found.append(stated)
    return found


def _always(holds: Logic, names: list[str], given: Mapping[str, bool]) -> bool:
    rest = [name for name in names if name not in given]
    return all(
        holds({**given, **dict(zip(rest, values, strict=True))}) for values in product((True, False), repeat=len(rest))
    )


def questions_of(rule: Item) -> dict[str, tuple[Logic, list[str]]]:
    """What can be asked of a rule text: name → (when the answer is yes, examples of the question)."""
    main = truth(rule["logic"])
    asked = {"main": (main, rule["topics"]), "opposite": (lambda given: not main(given), rule["negated_topics"])}
    also = {f"also{n}": (truth(each["logic"]), each["topics"]) for n, each in enumerate(rule.get("also", ()), 1)}
    return asked | also


def framework_file(rule: Item) -> dict[str, Any]:
    """A rule text as a framework of ours."""
    names = [condition["id"] for condition in rule["conditions"]]
    questions = questions_of(rule)
    facts: dict[str, Any] = {
        condition["id"]: {
            "factor": "conditions", "label": condition["text"], "question": condition["asks"], "why": rule["text"],
            "values": {"yes": "yes", "no": "no"},
            "examples": {{"other": "unknown"}.get(value, value): said for value, said in condition["examples"].items()},
        }
        for condition in rule["conditions"]
    }  # fmt: skip
    facts["asked"] = {
        "factor": "question", "label": "what is asked", "question": "What do you want to know?", "why": rule["text"],
        "values": {name: name for name in questions},
        "examples": {name: examples for name, (_, examples) in questions.items()},
    }  # fmt: skip
    rules = [_rule("ask", {}, "more")]
    for name, (holds, _) in questions.items():
        for answer, way in (("yes", holds), ("no", lambda given, holds=holds: not holds(given))):
            for number, term in enumerate(terms(way, names), 1):
                rules.append(_rule(f"{name}.{answer}{number}", {"asked": name, **term}, answer))
    strategies = {
        answer: {"roles": ["primary"], "label": answer, "description": answer, "cost": "-"} for answer in ANSWERS
    }
    return {
        "name": f"sharc{rule['id']}", "title": rule["question_topic"], "facts": facts, "strategies": strategies,
        "precedence": {"factors": ["conditions", "question"], "ranking": list(ANSWERS)}, "rules": rules,
    }  # fmt: skip


def _rule(name: str, when: Values, answer: str) -> dict[str, Any]:
    return {
        "id": name, "when": when, "then": {answer: "recommend"}, "strength": "must", "because": answer,
        "interpretation": "The logic of the rule text.",
    }  # fmt: skip


class Memo:
    """Embeddings of texts, kept in a file between runs."""

    def __init__(self, path: Path | None) -> None:
        self._path, self._known = path, dict[str, NDArray[np.float32]]()
        self._encoder: Encoder | None = None
        if path and path.exists():
            with np.load(path, allow_pickle=False) as file:
                self._known = dict(zip(map(str, file["texts"]), file["rows"], strict=True))

    def embed(self, text: str) -> NDArray[np.float32]:
        """See `Encoder.embed`."""
        if text not in self._known:
            if self._encoder is None:
                self._encoder = Encoder(locate_embedding(ENCODER, Settings.from_environment()))
            self._known[text] = self._encoder.embed(text)
        return self._known[text]

    def save(self) -> None:
        """Write the file, if there is one."""
        if self._path:
            np.savez(self._path, texts=np.array(list(self._known)), rows=np.stack(list(self._known.values())))


class RuleReader:
    """Decides items of one rule text."""

    def __init__(self, rule: Item, folder: Path, memo: Memo) -> None:
        path = folder / f"{rule['id']}.yaml"
        path.write_text(yaml.safe_dump(framework_file(rule), allow_unicode=True, sort_keys=False), "utf-8")
        self.framework: Framework = load_framework(path)
        self.reader = FewShotReader(self.framework, lambda: memo.embed, Settings.from_environment().home / "reading")
        self._embed = memo.embed
        asks = {condition["id"]: condition["asks"] for condition in rule["conditions"]}
        targets = [(Group((name,), True), text) for name, text in asks.items()]
        for group in dict.fromkeys(groups(rule["logic"])):
            joined = (" or " if group.any_of else " and ").join(asks[name].rstrip("?") for name in group.members)
            targets.append((group, f"{joined}?"))
        self._targets = [group for group, _ in targets]
        self._rows = np.stack([memo.embed(text) for _, text in targets])

    def values(self, item: Item, *, scenario: bool = True, evidence: bool = False) -> Values:
        """What an item states: its question and scenario by the examples, its history by the answers."""
        values = {"asked": self._asked(item["question"])}
        for text in (item["question"], item["scenario"] if scenario else ""):
            best: dict[str, tuple[float, str]] = {}
            for signal in self.reader.read(read(text)).facts if text.strip() else ():
                if signal.fact != "asked" and signal.probability >= self.reader.thresholds[signal.fact].stated:
                    best[signal.fact] = max(best.get(signal.fact, (0.0, "")), (signal.probability, signal.value))
            values |= {fact: value for fact, (_, value) in best.items()}
        return values | self._answered([*item["history"], *(item["evidence"] if evidence else ())])

    def _asked(self, question: str) -> str:
        signals = [each for each in self.reader.read(read(question)).facts if each.fact == "asked"]
        return max(signals, key=lambda signal: signal.probability).value

    def _answered(self, history: list[dict[str, str]]) -> Values:
        """The answers of the history, as values of the conditions that were asked for."""
        said: list[tuple[Group, bool]] = []
        for turn in history:
            row = self._embed(turn["follow_up_question"])
            group = self._targets[int((self._rows @ row).argmax())]
            said.append((group, turn["follow_up_answer"].lower() == "yes"))
        values: Values = {}
        for group, answer in sorted(said, key=lambda each: len(each[0].members)):
            settled = answer != group.any_of  # all of them have the answer; else at least one has
            open_members = [name for name in group.members if name not in values] or list(group.members)
            for name in open_members if settled or len(group.members) == 1 else open_members[:1]:
                values[name] = "yes" if answer else "no"
        return values

    def decide(self, item: Item, **how: bool) -> str:
        """Yes, no or more."""
        return str(decide(self.framework, self.values(item, **how)).primary)


def gold(item: Item) -> str:
    """What the item's answer amounts to."""
    return {"yes": "yes", "no": "no"}.get(item["answer"].strip().lower(), "more")


def figures(name: str, pairs: list[tuple[str, str, str]]) -> str:
    """One row: micro and macro accuracy, and the mean over rule texts, of (rule text, gold, answer)."""
    by_class, by_rule = defaultdict[str, list[bool]](list), defaultdict[str, list[bool]](list)
    for rule, right, answer in pairs:
        by_class[right].append(right == answer)
        by_rule[rule].append(right == answer)
    every = [hit for hits in by_rule.values() for hit in hits]
    macro, mean = (np.mean([np.mean(hits) for hits in by.values()]) for by in (by_class, by_rule))
    return f"{name:44} {len(pairs):5} {100 * np.mean(every):6.1f} {100 * macro:6.1f} {100 * mean:6.1f}"


def main() -> None:
    """Print the figures and the misses."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("rules", type=Path)
    parser.add_argument("--memo", type=Path, help="file that keeps embeddings between runs (.npz)")
    arguments = parser.parse_args()
    rules = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(arguments.rules.glob("*.json"))}
    lines = (arguments.data / "open_retrieval_sharc_test.json").read_text("utf-8").splitlines()
    items = [item for item in map(json.loads, filter(str.strip, lines)) if item["gold_snippet_id"] in rules]
    memo = Memo(arguments.memo)
    with tempfile.TemporaryDirectory() as folder:
        readers = {name: RuleReader(rule, Path(folder), memo) for name, rule in rules.items()}
        report(items, readers)
    memo.save()


def report(items: list[Item], readers: Mapping[str, RuleReader]) -> None:
    """Print rows and misses."""

    def answered(items: list[Item], **how: bool) -> list[tuple[str, str, str]]:
        rule_of = [(item["gold_snippet_id"], item) for item in items]
        return [(rule, gold(item), readers[rule].decide(item, **how)) for rule, item in rule_of]

    majority = Counter(map(gold, items)).most_common(1)[0][0]
    ours = answered(items)
    print(f"{'':44} {'items':>5} {'micro':>6} {'macro':>6} {'rules':>6}")
    print(figures(f"always {majority!r}", [(rule, right, majority) for rule, right, _ in ours]))
    print(figures("ours", ours))
    for name, has in (("  without history", False), ("  with history", True)):
        print(figures(name, [pair for pair, item in zip(ours, items, strict=True) if bool(item["history"]) is has]))
    print(figures("  the scenario not read", answered(items, scenario=False)))
    print(figures("  scenario's evidence given (not an input)", answered(items, scenario=False, evidence=True)))
    print(PUBLISHED)
    print("gold → ours:", dict(Counter(f"{right} → {answer}" for _, right, answer in ours if right != answer)))
    by_rule = defaultdict[str, list[bool]](list)
    for rule, right, answer in ours:
        by_rule[rule].append(right == answer)
    print("by rule:", {rule: f"{sum(hits)}/{len(hits)}" for rule, hits in sorted(by_rule.items())})
    print("thresholds:", {name: round(each.reader.thresholds["c1"].stated, 2) for name, each in readers.items()})


if __name__ == "__main__":
    main()
