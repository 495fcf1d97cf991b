"""Network probing: resolve, connect, TLS and HTTP, one step a module; observations first, a verdict later."""
