"""Line icons of ours, 24 × 24, drawn in the colour of the text beside them."""

from __future__ import annotations

ICONS = {
    "check": '<path d="M5 12.5l4.5 4.5L19 7.5"/>',
    "cross": '<path d="M6 6l12 12M18 6L6 18"/>',
    "question": '<path d="M9 9a3 3 0 1 1 4.2 2.8c-.8.4-1.2 1-1.2 2M12 17.5v.1"/>',
    "branch": '<path d="M6 4v16M6 12h6a5 5 0 0 0 5-5V5M14 8l3-3 3 3"/>',
    "clash": '<path d="M13 3l-7 10h5l-1 8 8-11h-6z"/>',
    "dash": '<path d="M6 12h12"/>',
    "eye": (
        '<path d="M2.5 12s3.5-6.5 9.5-6.5 9.5 6.5 9.5 6.5-3.5 6.5-9.5 6.5S2.5 12 2.5 12z"/>'
        '<circle cx="12" cy="12" r="2.5"/>'
    ),
    "send": '<path d="M12 19V5M6 11l6-6 6 6"/>',
    "stop": '<rect x="7" y="7" width="10" height="10" rx="2"/>',
    "retry": '<path d="M4 12a8 8 0 1 0 2.5-5.8M4 4v4.5h4.5"/>',
    "edit": '<path d="M4 20h4L19 9l-4-4L4 16z"/>',
    "up": (
        '<path d="M7 11v9H4v-9zM7 11l4-8c1.7 0 2.5 1 2.5 2.5V9H19c1 0 1.7.9 1.5 1.9l-1.4 7.5A2 2 0 0 1 17.2 20H7"/>'
    ),
    "down": (
        '<path d="M7 13V4H4v9zM7 13l4 8c1.7 0 2.5-1 2.5-2.5V15H19c1 0 1.7-.9 1.5-1.9l-1.4-7.5A2 2 0 0 0 17.2 4H7"/>'
    ),
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "trash": '<path d="M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13"/>',
    "sun": (
        '<circle cx="12" cy="12" r="4"/><path d="M12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M5 19l2-2M17 7l2-2"/>'
    ),
    "chip": (
        '<rect x="7" y="7" width="10" height="10" rx="2"/>'
        '<path d="M10 3v4M14 3v4M10 17v4M14 17v4M3 10h4M3 14h4M17 10h4M17 14h4"/>'
    ),
    "table": '<rect x="4" y="5" width="16" height="14" rx="2"/><path d="M4 10h16M10 10v9"/>',
    "pin": (
        '<path d="M12 21s-6.5-5.7-6.5-11a6.5 6.5 0 0 1 13 0c0 5.3-6.5 11-6.5 11z"/><circle cx="12" cy="10" r="2"/>'
    ),
    "arrow": '<path d="M5 12h14M13 6l6 6-6 6"/>',
    "download": '<path d="M12 4v11M7 11l5 5 5-5M5 20h14"/>',
}


def icon(name: str) -> str:
    """An icon, hidden from screen readers: the text beside it says the same."""
    return (
        '<svg class="tw-icon" viewBox="0 0 24 24" width="18" height="18" fill="none" stroke="currentColor" '
        f'stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">{ICONS[name]}</svg>'
    )
