from __future__ import annotations

from hypothesis import HealthCheck, settings

# Nothing is timed: tests run side by side, on machines that have other things to do as well.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")
