"""Pictures of random processes with exact truth, drawn by the tools that people use."""
