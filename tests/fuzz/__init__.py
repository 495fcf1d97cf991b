"""Inputs made at random: none may bring a traceback, a hang, or an exit code outside the contract."""
