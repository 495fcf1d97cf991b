"""Read the phone on the cable: Android over adb's server, an iPhone over Apple's service on this computer.

In goes a request, out comes a readout (`readout`). The services are spoken to directly: a library that starts a server
unasked, or that bounds each read instead of the whole wait, could not keep the promises made here.
"""
