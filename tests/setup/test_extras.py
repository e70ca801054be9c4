from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tunewise.errors import SettingsError
from tunewise.extras import needs_extra


def test_a_package_that_is_not_installed_is_named_with_the_extra_that_brings_it():
    with (
        pytest.raises(SettingsError, match=r"no_such_package.*pip install 'tunewise\[eval\]'"),
        needs_extra("eval", "The picture"),
    ):
        import no_such_package  # noqa: F401


CASES = Path(__file__).parents[1] / "cases" / "dev_cases.jsonl"


def without_matplotlib(*words: str) -> subprocess.CompletedProcess[str]:
    """A command of the terminal where nothing of the extra 'eval' is installed."""
    code = "import sys; sys.modules['matplotlib'] = None; import tunewise.evaluation, tunewise.benchmark\n"
    code += "from tunewise.cli.main import main; sys.exit(main(sys.argv[1:]))"
    return subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", ["eval", "bench"])
def test_what_only_measures_can_be_looked_up_without_its_extra(name: str):
    done = without_matplotlib(name, "--help")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("words", [["eval", str(CASES), "--report"], ["bench", "--plot"]])
def test_a_picture_without_the_extra_is_refused_in_one_sentence_before_anything_is_measured(words, tmp_path: Path):
    done = without_matplotlib(*words, str(tmp_path / "pictures"))
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.endswith("Run: pip install 'tunewise[eval]'\n")
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "pictures").exists()


def test_cases_are_scored_without_the_extra(tmp_path: Path):
    done = without_matplotlib("eval", str(CASES), "--arms", "rules_only", "--limit", "1", "--home", str(tmp_path))
    assert done.returncode == 0
    assert "facts, micro-F1" in done.stdout
