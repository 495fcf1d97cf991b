"""Every terminal front of weilidai-doctor: the app, the line mode and the headless commands."""
