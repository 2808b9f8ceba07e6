"""Nano: a Qwen3-VL of a few million parameters, trained from nothing on one simple family of pictures, on a CPU.

It reads that family and nothing else.  What it is for: the whole way of a vision model (files, prompt, guided
generation, LoRA on and off, drafts, figures) runs for real where no published model can be downloaded.
"""
