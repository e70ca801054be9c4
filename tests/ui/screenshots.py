"""Makes the README's pictures from the real advisor: `python -m tests.ui.screenshots [rules|model]`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.ui.browser import PHONE, ROOT, Server, chromium, serving, visiting
from tests.ui.test_browser_real import FLOWERS, home_with_weights

FOLDER = ROOT / "docs" / "screenshots"


def picture(browser: Any, server: Server, name: str, tab: str, **options: Any) -> None:
    """One picture of a finished answer with one tab open."""
    with visiting(browser, server, **options) as visitor:
        visitor.open()
        visitor.ask(FLOWERS)
        visitor.tab(tab) if tab != "chat" else None
        visitor.page.mouse.move(0, 0)
        visitor.page.wait_for_timeout(500)
        visitor.page.screenshot(path=FOLDER / f"page-{name}.png")


def main() -> None:
    """Make all three."""
    kind = sys.argv[1] if len(sys.argv) > 1 else "model"
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        chromium() as browser,
        serving(kind, home_with_weights(Path(folder))) as server,
    ):
        with visiting(browser, server) as visitor:  # the first answer waits for the index to be built
            visitor.open()
            visitor.ask(FLOWERS)
        picture(browser, server, "light", "advice", color_scheme="light")
        picture(browser, server, "dark", "sources", color_scheme="dark")
        picture(browser, server, "phone", "chat", viewport=PHONE, has_touch=True, device_scale_factor=2)


if __name__ == "__main__":
    main()
