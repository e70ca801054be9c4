"""The page: wiring (`app`, `session`, `serve`) apart from pure view functions (`views`)."""
