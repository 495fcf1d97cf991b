"""`python -m tui` is the same as the console script."""

from tui.start import script

if __name__ == "__main__":
    script()
