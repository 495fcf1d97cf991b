"""`python -m tui` is the same as the console script."""

from tui.cli.main import script

if __name__ == "__main__":
    script()
