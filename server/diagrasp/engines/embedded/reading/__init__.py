"""Reading text lines: a crop of one line in, its text and a confidence out."""
