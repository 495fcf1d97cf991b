"""The app's screens, each with its style sheet beside it; imported when they are first shown."""
