"""Line icons by the name of their symbol in `icons.html`, which the page holds once."""


def icon(name: str) -> str:
    """An icon, hidden from screen readers: the text beside it says the same."""
    return f'<svg class="tw-icon" width="18" height="18" aria-hidden="true"><use href="#icon-{name}"/></svg>'
