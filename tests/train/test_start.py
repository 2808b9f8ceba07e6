"""Training goes on from a net that was exported: put back, it reads as the exported one does."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from diagrasp_train.reader.model import ReaderNet
from diagrasp_train.reader.pool import pad
from diagrasp_train.reader.render import Renderer
from diagrasp_train.reader.start import start_from

FOLDER = Path(__file__).parents[2] / "weights/diagrasp_weights/handwriting"


def test_a_net_put_back_reads_as_it_did() -> None:
    about = json.loads((FOLDER / "reader.json").read_text("utf-8"))
    net = ReaderNet(len(about["alphabet"]) + 1)
    start_from(net, FOLDER, lines=24)
    renderer = Renderer(5, hand_share=0.8, written=0.8)
    pictures = pad([renderer.line() for _ in range(4)])[0]
    shares = torch.from_numpy((255.0 - pictures.astype(np.float32)) / 255.0).unsqueeze(1)
    with torch.no_grad():
        again = torch.softmax(net.eval()(shares), -1).numpy()
    session = onnxruntime.InferenceSession(FOLDER / "reader.onnx", providers=["CPUExecutionProvider"])
    (exported,) = session.run(None, {"lines": pictures})
    assert np.abs(again - np.exp(exported)).max() < 0.02


def test_another_net_is_refused() -> None:
    with pytest.raises((ValueError, RuntimeError)):
        start_from(ReaderNet(7), FOLDER, lines=8)
