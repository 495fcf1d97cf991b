"""The command line: words in, data on stdout, talk on stderr, the contract's exit codes out."""
