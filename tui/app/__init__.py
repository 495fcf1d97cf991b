"""The terminal app: screens and widgets that draw a session, and the state they share. In: a session and how to run."""
