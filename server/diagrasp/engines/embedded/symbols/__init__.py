"""Closed outlines and solid figures, and which symbols they are."""
