"""Opening the small nets that ship with diagrasp, each an ONNX file with a JSON file that tells what it takes."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from diagrasp.errors import EngineUnavailable


def open_net(
    name: str, fits: Callable[[dict[str, Any]], str | None], *, threads: int = 1, folder: Traversable | None = None
) -> tuple[Any, dict[str, Any]]:
    """A net's session under ONNX Runtime on the CPU, and what its JSON file says.

    Args:
        name: of both files, without their suffixes.
        fits: why what the JSON file says does not suit this version of diagrasp, None where it does.
        threads: that one run may use.
        folder: where the files are, by default those that diagrasp ships.

    Raises:
        EngineUnavailable: onnxruntime or the weights are missing or do not belong together.
    """
    try:
        import onnxruntime as ort
    except ImportError as error:
        raise EngineUnavailable(f"onnxruntime cannot be loaded ({error}): pip install onnxruntime") from error
    package = resources.files("diagrasp_weights") if folder is None else folder
    try:
        about: dict[str, Any] = json.loads(package.joinpath(f"{name}.json").read_text("utf-8"))
        weights = package.joinpath(f"{name}.onnx").read_bytes()
    except FileNotFoundError as error:
        raise EngineUnavailable(
            f"the weights of the net {name} are missing (diagrasp_weights/{name}.onnx): reinstall diagrasp"
        ) from error
    reason = fits(about)
    if reason is not None:
        raise EngineUnavailable(f"{name}.onnx {reason}: reinstall diagrasp")
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Spinning workers would take the cores from the rest of recognition between batches.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.enable_mem_pattern = False  # inputs come in many sizes: a plan for each would be kept for good
    options.enable_cpu_mem_arena = False  # takes as long, and keeps nothing
    options.log_severity_level = 3
    try:
        return ort.InferenceSession(weights, options, providers=["CPUExecutionProvider"]), about
    except Exception as error:
        raise EngineUnavailable(
            f"{name}.onnx cannot be loaded ({str(error).splitlines()[0]}): reinstall diagrasp"
        ) from error
