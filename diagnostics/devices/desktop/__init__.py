"""A desktop WeChat on this computer: found in the places where its installers put it, only reading."""

from diagnostics.devices.desktop.search import Desktop, find

__all__ = ["Desktop", "find"]
