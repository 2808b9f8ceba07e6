"""For every test: how Hypothesis behaves."""

from __future__ import annotations

import os
from importlib.util import find_spec

if find_spec("hypothesis") is not None:  # the chat's environment has none
    from hypothesis import HealthCheck, settings

    # A busy machine makes examples slow; that says nothing about the code.  What decides over a change sees the same
    # examples each time; at a desk they differ from run to run, and find more.
    settings.register_profile(
        "busy", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize="CI" in os.environ
    )
    settings.load_profile("busy")
