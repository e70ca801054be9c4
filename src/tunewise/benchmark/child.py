"""A system of the benchmark in a process of its own: memory is its own, and runs can take turns.

The parent writes a JSON object a line, the child answers with one; `python -m tunewise.benchmark.child NAME`.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from types import TracebackType

from tunewise.benchmark.systems import SYSTEMS, Json
from tunewise.errors import TunewiseError
from tunewise.settings import Settings


class BenchmarkError(TunewiseError):
    """A part of the benchmark could not be run."""


class Child:
    """The parent's side; use it in a `with` block."""

    def __init__(self, name: str, settings: Settings) -> None:
        """Start the process; it loads what it needs with the first request."""
        self.name = name
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tunewise.benchmark.child", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment(settings),
        )

    def ask(self, **request: object) -> Json:
        """One request; returns what the system measured.

        Raises:
            BenchmarkError: If the process failed; its own message stands on standard error.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            print(json.dumps(request), file=self._process.stdin, flush=True)
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise BenchmarkError(f"The system {self.name!r} of the benchmark ended early; see its message above.")
        answer: Json = json.loads(line)
        return answer

    def close(self) -> None:
        """End the process."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Child:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def environment(settings: Settings) -> dict[str, str]:
    """The environment that gives a child process the same settings."""
    given = {
        "TUNEWISE_HOME": settings.home,
        "TUNEWISE_MODEL": settings.model,
        "TUNEWISE_THREADS": settings.threads,
        "TUNEWISE_TOP_K": settings.top_k,
        "TUNEWISE_CONTEXT_TOKENS": settings.context_tokens,
    }
    return os.environ | {name: str(value) for name, value in given.items()}


def peak_mb() -> float:
    """Most memory that this process has had, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20) if sys.platform == "darwin" else peak / 1024


def main(name: str) -> None:
    """Answer requests until there are none left."""
    from tunewise import offline

    offline.seal()
    answers, sys.stdout = sys.stdout, sys.stderr  # whatever a library prints must not mix with the answers
    system = SYSTEMS[name](Settings.from_environment())
    for line in sys.stdin:
        answer = system.answer(json.loads(line))
        print(json.dumps(answer | {"peak_mb": peak_mb()}), file=answers, flush=True)
    os._exit(0)  # the model's threads need not be waited for


if __name__ == "__main__":
    main(sys.argv[1])
