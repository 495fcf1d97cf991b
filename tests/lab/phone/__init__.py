"""A phone made of data, behind the real adb server: the device side of the ADB protocol over TCP."""
