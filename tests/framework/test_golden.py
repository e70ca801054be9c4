"""Decisions and verdicts stay what they are, to the letter, until somebody changes the rules on purpose."""

import json
import os
import subprocess
import sys

from tests.framework.golden import FILE, outcomes


def test_decisions_and_verdicts_are_the_recorded_ones():
    assert outcomes() == json.loads(FILE.read_text(encoding="utf-8"))


def test_they_do_not_depend_on_the_hash_seed():
    code = "import json; from tests.framework.golden import outcomes; print(json.dumps(outcomes()))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "7"},
    )
    assert json.loads(done.stdout) == json.loads(FILE.read_text(encoding="utf-8"))
