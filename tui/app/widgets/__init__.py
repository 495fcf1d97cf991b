"""The app's own widgets. They draw what they are given and send messages; they decide nothing."""
