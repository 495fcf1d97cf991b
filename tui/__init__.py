"""Every terminal front of weilidai-doctor: the app, the line mode and the headless commands."""

import gc

gc.set_threshold(60_000)  # a start makes tens of thousands of objects and no garbage: looking for it costs 4 %
