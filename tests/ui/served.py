"""Serves the page in a process of its own: `python -m tests.ui.served scripted|login|rules|proposing|model HOME PORT`.

`scripted` answers from `FakeAdvisor` and writes every message that reached the model to HOME/asked.txt; `login` is the
same behind a login (ann, secret); `rules` is
the real advisor without a model, `proposing` the same with a reader that finds proposed facts in every message; `model`
is the real advisor with the real weights.
"""

from __future__ import annotations

import argparse
import threading
from collections.abc import Iterator
from pathlib import Path

from tests.fakes.advisor import NEARBY, FakeAdvisor, broken_model
from tests.fakes.proposing import ProposingAdvisor
from tunewise import offline
from tunewise.advisor import Advisor
from tunewise.events import Event
from tunewise.framework import load_framework
from tunewise.settings import Settings
from tunewise.ui.serve import ServeOptions, start


class LoggingAdvisor(FakeAdvisor):
    """Keeps what reached the model in a file; messages with certain words behave in certain ways."""

    log: Path

    def stream(self, text: str, **options: object) -> Iterator[Event]:
        with self.log.open("a") as file:
            file.write(text.replace("\n", " ") + "\n")
        self.pause_s = 20.0 if "slowly" in text else 0.05
        self.fail = broken_model() if "break" in text else None
        plain = "With **800 photos**, training every weight invites overfitting [A12]."
        remote = " ![proof](https://remote.invalid/pixel.png) <img src='https://remote.invalid/b.png'>"
        words = f"You asked about {text.split()[-1]}."
        answer = plain + (remote if "remote" in text else "") + "\n\n" + words
        from dataclasses import replace

        self.reply = replace(self.reply, answer=answer, nearby=(NEARBY,))
        yield from super().stream(text, **options)  # type: ignore[arg-type]


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=["scripted", "login", "rules", "proposing", "model"])
    parser.add_argument("home", type=Path)
    parser.add_argument("port", type=int)
    given = parser.parse_args()
    offline.seal()
    settings = Settings(home=given.home)
    logins = {"ann": "secret"} if given.kind == "login" else {}
    options = ServeOptions(port=given.port, open_browser=False, settings=settings, logins=logins)
    if given.kind in ("scripted", "login"):
        advisor = LoggingAdvisor(given.home, load_framework("article"))
        advisor.log = given.home / "asked.txt"
        start(advisor, options, given.port)  # type: ignore[arg-type]
    else:
        rules_only = given.kind != "model"
        real = (ProposingAdvisor if given.kind == "proposing" else Advisor).open(settings, rules_only=rules_only)
        start(real, options, given.port, rules_only=rules_only)
    print("serving", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
