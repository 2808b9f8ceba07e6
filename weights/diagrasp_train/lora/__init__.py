"""Fine-tuning of Qwen3-VL to tell diagrams: LoRA on a published base, or a small model from nothing."""
