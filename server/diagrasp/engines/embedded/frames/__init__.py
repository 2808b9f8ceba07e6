"""Which outlines are nodes and which hold others: pools, lanes, containers, and how they nest."""
