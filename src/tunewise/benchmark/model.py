"""First token and writing speed: Tunewise, exact mode, a plain chain, bare llama.cpp, and the floor."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

from tunewise.benchmark.child import Child
from tunewise.benchmark.figures import Benchmark, Say
from tunewise.benchmark.questions import ASKED
from tunewise.llm.prompts import template_text
from tunewise.settings import Settings

Json = dict[str, Any]
LONG_TOKENS = 800
_CHARACTERS_PER_TOKEN = 4.6
_WRITTEN = 128


def prompts(advisor: Child, settings: Settings, runs: int) -> dict[str, list[Json]]:
    """For each run a prompt with the corpus's own best passages ("short"), and one with about 800 tokens of them."""
    questions, made = ASKED["questions"], {"short": list[Json](), "long": list[Json]()}
    for number in range(runs):
        question = questions[number % len(questions)]
        found = advisor.ask(op="search", question=question, top_k=30)["passages"]
        tail = f"Question: {question}\n{ASKED['task']}"
        for kind, passages in (("short", found[: settings.top_k]), ("long", about(found, LONG_TOKENS))):
            made[kind].append({"system": template_text("system"), "passages": passages, "tail": tail})
    return made


def about(passages: Sequence[list[str]], tokens: int) -> list[list[str]]:
    """The first passages that together have about so many tokens."""
    chosen: list[list[str]] = []
    room = tokens * _CHARACTERS_PER_TOKEN
    for passage in passages:
        if len(passage[1]) <= room:
            chosen.append(passage)
            room -= len(passage[1])
    return chosen


def measure(benchmark: Benchmark, settings: Settings, runs: int, say: Say) -> None:
    """Add the figures of first token, writing speed and memory."""
    with ExitStack() as stack:
        advisor = stack.enter_context(Child("advisor", settings))
        given = prompts(advisor, settings, runs + 1)
        advisor.close()
        systems = {name: stack.enter_context(Child(name, settings)) for name in ("tunewise", "chain", "bare")}
        for kind in given:
            for number, prompt in enumerate(given[kind]):
                say(f"passage states, {kind} {number + 1}/{runs + 1}")
                systems["tunewise"].ask(op="states", **prompt)
        rows: dict[str, list[Json]] = {}
        for kind in given:
            for number, prompt in enumerate(given[kind]):
                say(f"first token, {kind} passages, run {number}/{runs}")
                row = _first_token(systems, prompt)
                if number:  # the first one loads weights and warms caches
                    rows.setdefault(kind, []).append(row)
        _add_first_token(benchmark, rows)
        _add_decoding(benchmark, systems, given["short"][1:], say)
        for name, child in systems.items():
            benchmark.add(f"peak_mb_{name}", [child.ask(op="write", **_request(name, given["short"][0]))["peak_mb"]])


def _request(name: str, prompt: Json) -> Json:
    return {"tokens": [1, 2, 3], "max_tokens": 1} if name == "bare" else {**prompt, "max_tokens": 1}


def _first_token(systems: dict[str, Child], prompt: Json) -> Json:
    ours = systems["tunewise"].ask(op="write", max_tokens=1, **prompt)
    exact = systems["tunewise"].ask(op="write", max_tokens=1, exact=True, **prompt)
    chain = systems["chain"].ask(op="write", max_tokens=1, **prompt)
    floor = systems["bare"].ask(op="write", max_tokens=1, tokens=ours["tail"])
    return {
        "prompt_tokens": len(ours["prompt"]),
        "tail_tokens": len(ours["tail"]),
        "tunewise_s": ours["first_token_s"],
        "exact_s": exact["first_token_s"],
        "chain_s": chain["first_token_s"],
        "floor_s": floor["first_token_s"],
    }


def _add_first_token(benchmark: Benchmark, rows: dict[str, list[Json]]) -> None:
    benchmark.details["first_token"] = rows
    for kind, suffix in (("long", ""), ("short", "_short")):
        found = rows[kind]
        benchmark.add(f"first_token_chain_over_tunewise{suffix}", [r["chain_s"] / r["tunewise_s"] for r in found])
        benchmark.add(f"first_token_exact_over_tunewise{suffix}", [r["exact_s"] / r["tunewise_s"] for r in found])
        for system in ("tunewise", "exact", "chain", "floor"):
            benchmark.add(f"first_token_{system}{suffix}_s", [r[f"{system}_s"] for r in found])
    benchmark.add("first_token_over_floor", [r["tunewise_s"] / r["floor_s"] for r in rows["short"]])
    benchmark.add("first_token_over_floor_long", [r["tunewise_s"] / r["floor_s"] for r in rows["long"]])


def _add_decoding(benchmark: Benchmark, systems: dict[str, Child], given: Sequence[Json], say: Say) -> None:
    rows: list[Json] = []
    for number, prompt in enumerate(given, 1):
        say(f"writing speed, run {number}/{len(given)}")
        ours = systems["tunewise"].ask(op="write", max_tokens=_WRITTEN, **prompt)
        plain = systems["tunewise"].ask(op="write", max_tokens=_WRITTEN, drafting=False, **prompt)
        bare = systems["bare"].ask(op="write", max_tokens=_WRITTEN, tokens=ours["prompt"])
        chain = systems["chain"].ask(op="write", max_tokens=_WRITTEN, **prompt)
        rows.append(
            {
                "tunewise_per_s": _speed(ours),
                "without_drafts_per_s": _speed(plain),
                "bare_per_s": _speed(bare),
                "tunewise_total_s": ours["total_s"],
                "chain_total_s": chain["total_s"],
                "drafted": ours["drafted"],
                "accepted": ours["accepted"],
                "text": ours["text"],
            }
        )
    rows = [row for row in rows if row["tunewise_per_s"] and row["bare_per_s"]]
    benchmark.details["decoding"] = rows
    benchmark.add("decode_over_bare", [row["tunewise_per_s"] / row["bare_per_s"] for row in rows])
    benchmark.add("decode_without_drafts_over_bare", [row["without_drafts_per_s"] / row["bare_per_s"] for row in rows])
    benchmark.add("total_chain_over_tunewise", [row["chain_total_s"] / row["tunewise_total_s"] for row in rows])
    for key in ("tunewise_per_s", "bare_per_s"):
        benchmark.add(f"decode_{key}", [row[key] for row in rows])


def _speed(answer: Json) -> float:
    """Tokens a second after the first; 0 for an answer too short to tell."""
    steps = answer["tokens"] - 1
    return steps / answer["decode_s"] if steps >= 8 and answer["decode_s"] else 0.0
