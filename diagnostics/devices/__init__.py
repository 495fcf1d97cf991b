"""Devices as witnesses: an Android phone on the cable, and a desktop WeChat on this computer."""
