"""Exports a model for handwritten digits as TorchScript. Usage: export_module.py FILE"""

import io
import sys
import zipfile

import torch
from torch import nn


class Digits(nn.Module):
    """Classifies images of 8 x 8 pixels: takes [samples, 1, 8, 8], returns [samples, 10] scores."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1),
            nn.GroupNorm(2, 8),
            nn.SiLU(),
            nn.Conv2d(8, 16, 3, stride=2, padding=1),
            nn.GroupNorm(4, 16),
            nn.SiLU(),
        )
        self.head = nn.Linear(16 * 4 * 4, 10)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.head(self.features(images).flatten(1))


def save(module: nn.Module, path: str) -> None:
    """Saves a module as TorchScript, without its debugging records: they hold the paths of this machine's files."""
    buffer = io.BytesIO()
    torch.jit.save(torch.jit.script(module), buffer)
    with zipfile.ZipFile(buffer) as saved, zipfile.ZipFile(path, "w") as kept:
        for record in saved.infolist():
            if not record.filename.endswith(".debug_pkl"):
                kept.writestr(zipfile.ZipInfo(record.filename), saved.read(record))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    torch.manual_seed(1)  # training starts from the weights that the module has now
    save(Digits(), sys.argv[1])
