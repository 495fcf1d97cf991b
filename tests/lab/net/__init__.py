"""The faulty network: named faults made by real means inside namespaces, and the verdict each has to get."""
