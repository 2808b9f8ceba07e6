"""What an answer depends on, as one hash: the cache's key."""

from __future__ import annotations

import hashlib

from diagrasp.engines.qwen3vl.config import Config, find_folder, fingerprint
from diagrasp.engines.qwen3vl.prompt import INSTRUCTION, PROMPT_VERSION


def model_revision(config: Config) -> str:
    """A hash of what an answer depends on: base, adapter, prompt and grammar, numbers' type."""
    digest = hashlib.sha256(f"{PROMPT_VERSION}\n{INSTRUCTION}\n{config.max_new_tokens}\n".encode())
    places = [(config.model, False), *((each, True) for each in config.adapters.values())]
    for name, whole in places:
        folder = find_folder(name)
        digest.update((fingerprint(folder, whole=whole) if folder else str(name)).encode())
    digest.update(f"{config.dtype} {config.quantization} {list(config.adapters)} {config.merge}".encode())
    return digest.hexdigest()[:16]
