"""Every test runs sealed: no library may call out, whichever is imported first."""

from tunewise import offline

offline.seal()
