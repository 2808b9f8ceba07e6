"""The pictures of docs/examples: what each shows and how it is drawn.  Texts and processes are our own."""
