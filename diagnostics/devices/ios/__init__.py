"""An iPhone on the cable: its system's version and WeChat's, read over Apple's service on this computer."""
