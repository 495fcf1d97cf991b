"""The command line: data on stdout, messages on stderr, the contract's exit codes."""
