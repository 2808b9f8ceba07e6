"""Nets that lie in the package `rapidocr`: their files are used, the package itself is never imported."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from diagrasp.errors import EngineUnavailable

PACKAGE: Final = "rapidocr"


def open_packaged(files: str, *, threads: int = 2) -> Any:
    """A net's session under ONNX Runtime on the CPU.

    Args:
        files: pattern of the file below the package's folder; the last that fits is taken.
        threads: that one run may use.

    Raises:
        EngineUnavailable: the package is missing, or has no such net.
    """
    import onnxruntime as ort

    path = packaged(files)
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.enable_mem_pattern = False  # inputs come in many sizes
    options.enable_cpu_mem_arena = False  # a page of handwriting is rare, the memory it took would stay
    options.log_severity_level = 3
    try:
        return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise EngineUnavailable(f"{path.name} cannot be loaded ({str(error).splitlines()[0]})") from error


def packaged(files: str) -> Path:
    """The path of a net's file; EngineUnavailable where there is none."""
    spec = find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations or []) if spec is not None else []:
        found = sorted(Path(folder).glob(files))
        if found:
            return found[-1]
    raise EngineUnavailable(f"the package {PACKAGE} with its nets is missing: pip install {PACKAGE}")


def revision() -> str:
    """The nets that the package brings, by name; `none` where it is missing: with them pictures are read otherwise."""
    try:
        folder = packaged("models/PP-OCR*.onnx").parent
    except EngineUnavailable:
        return "none"
    return "+".join(sorted(path.stem for path in folder.glob("PP-OCR*.onnx")))
