"""The adb server of this computer, spoken to directly: which phones are there, and what a command on one prints.

The server's own protocol is a few lines (four hexadecimal digits and a text), so no library stands between: one that
starts the server unasked, or that bounds each read instead of the whole wait, could not keep the promises made here.
"""
