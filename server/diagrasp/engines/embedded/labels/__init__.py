"""Which text belongs to what, and text that only its place makes whole."""
