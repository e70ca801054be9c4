"""Running long commands: one line that says what and how long before, a sign of life during, the log on failure."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO

LAST_LINES = 15
BEAT_TERMINAL_S, BEAT_LOG_S = 0.5, 20.0


class StepFailed(Exception):
    """One sentence for the user; set-up stops with exit code 1."""


def say(text: str, out: TextIO | None = None) -> None:
    """Print a line at once, on standard output if nothing else is named."""
    print(text, file=out, flush=True)


def run_long(what: str, command: Sequence[str], log: Path, *, cwd: Path, env: Mapping[str, str] | None = None) -> None:
    """Run a command with its output in `log` and a sign of life on the terminal.

    Raises:
        StepFailed: If it fails; its last lines are printed first.
    """
    say(f"{what} …")
    began = time.monotonic()
    with log.open("a", encoding="utf-8", errors="replace") as stream:
        stream.write(f"\n$ {' '.join(command)}\n")
        stream.flush()
        start = log.stat().st_size
        process = subprocess.Popen(
            command, stdout=stream, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=cwd, env=env
        )
        done = threading.Event()
        beat = threading.Thread(target=_beat, args=(log, start, began, done), daemon=True)
        beat.start()
        try:
            code = process.wait()
        except KeyboardInterrupt:
            process.terminate()
            raise
        finally:
            done.set()
            beat.join()
    if code:
        say("\n".join(_lines(log, start)[-LAST_LINES:]), sys.stderr)
        raise StepFailed(f"{what}: failed with exit code {code}. The whole output is in {log}.")
    say(f"  done in {_minutes(time.monotonic() - began)}")


def _beat(log: Path, start: int, began: float, done: threading.Event) -> None:
    terminal = sys.stdout.isatty()
    while not done.wait(BEAT_TERMINAL_S if terminal else BEAT_LOG_S):
        line = f"  {_minutes(time.monotonic() - began)}  {(_lines(log, start) or [''])[-1].strip()}"[:100]
        print(f"\r{line:<100}" if terminal else line, end="" if terminal else "\n", flush=True)
    if terminal:
        print("\r" + " " * 100 + "\r", end="", flush=True)


def _lines(log: Path, start: int) -> list[str]:
    with log.open("rb") as stream:
        stream.seek(start)
        text = stream.read().decode("utf-8", "replace")
    return [line for line in text.replace("\r", "\n").splitlines() if line.strip()]


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
