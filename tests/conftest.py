"""What every test starts with, however the machine and the shell that runs them are disposed."""

import signal

from hypothesis import HealthCheck, settings

# How long one example took says nothing on a machine that does other things as well.
settings.register_profile("busy machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy machine")

# In the background of a script interrupts are ignored, and every program started there would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
