"""How well pictures are read: the metric, a run over a folder of pictures with truths, and what is told of it."""
