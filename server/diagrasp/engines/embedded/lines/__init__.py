"""Strokes thinned to a graph of lines, and the connectors that run along them."""
