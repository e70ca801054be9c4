from __future__ import annotations

import pytest

from tunewise.errors import SettingsError
from tunewise.extras import needs_extra


def test_a_package_that_is_not_installed_is_named_with_the_extra_that_brings_it():
    with (
        pytest.raises(SettingsError, match=r"no_such_package.*pip install 'tunewise\[eval\]'"),
        needs_extra("eval", "The picture"),
    ):
        import no_such_package  # noqa: F401
