"""The reader's net: a small convolutional CTC recogniser.

After CRNN (Shi, Bai, Yao 2015, arXiv:1507.05717), its recurrent layers replaced by residual 1-D convolutions and one
self-attention block, which lets a letter's alphabet be settled by the whole line. Two-dimensional layers bring the
height from 32 to 1 early: most work is one-dimensional; the trunk runs at a quarter of the picture's width and
the head says two characters for each of its steps, so that the output has half the width's resolution ("ll" survives).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


def _conv(
    inputs: int, outputs: int, kernel: tuple[int, int], stride: tuple[int, int] = (1, 1), dilation: int = 1
) -> nn.Sequential:
    padding = (kernel[0] // 2 if kernel[0] != 4 else 0, dilation * (kernel[1] // 2))
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, padding, dilation=(1, dilation), bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class Residual(nn.Module):
    """x + conv(x), batch-normalised."""

    def __init__(self, width: int, kernel: tuple[int, int], dilation: int = 1) -> None:
        super().__init__()
        self.conv = _conv(width, width, kernel, dilation=dilation)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = x + self.conv(x)
        return out


class Attention(nn.Module):
    """Pre-norm self-attention over the line; positions are known to it from the convolutions' borders only."""

    def __init__(self, width: int, heads: int = 4) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        batch, width, _, steps = x.shape
        y = self.norm(x.squeeze(2).transpose(1, 2))
        q, k, v = self.qkv(y).view(batch, steps, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        weights = torch.softmax(q @ k.transpose(-1, -2) * (width // self.heads) ** -0.5, dim=-1)
        y = (weights @ v).transpose(1, 2).reshape(batch, steps, width)
        out: Tensor = x + self.out(y).transpose(1, 2).unsqueeze(2)
        return out


class ReaderNet(nn.Module):
    """(B, 1, 32, W) ink shares, W a multiple of 4 -> (B, W / 2, classes) logits; class 0 is the blank."""

    def __init__(self, classes: int, width: int = 192) -> None:
        super().__init__()
        self.classes = classes
        self.stem = nn.Sequential(
            _conv(1, 32, (3, 3), (2, 2)),
            _conv(32, 64, (3, 3), (2, 1)),
            _conv(64, 96, (3, 3), (2, 2)),
            Residual(96, (3, 3)),
            _conv(96, width, (4, 1)),
        )
        self.trunk = nn.Sequential(
            Residual(width, (1, 3)),
            Residual(width, (1, 3)),
            Residual(width, (1, 3), 2),
            Residual(width, (1, 3)),
            Attention(width),
            Residual(width, (1, 3), 2),
            Residual(width, (1, 3), 4),
            Residual(width, (1, 3)),
        )
        self.head = nn.Conv2d(width, 2 * classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.head(functional.dropout(self.trunk(self.stem(x)), 0.05, self.training)).squeeze(2)
        batch, _, steps = y.shape
        return y.view(batch, 2, self.classes, steps).permute(0, 3, 1, 2).reshape(batch, 2 * steps, self.classes)
