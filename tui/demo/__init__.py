"""`--demo`: a recorded case plays in the app, for those who learn the tool without a user."""
