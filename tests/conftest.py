"""Every test runs sealed: no library may call out, whichever is imported first. Garbage waits as in `tunewise`."""

import gc

from tunewise import offline
from tunewise.cli.main import RARE_COLLECTIONS

offline.seal()
gc.set_threshold(*RARE_COLLECTIONS)
