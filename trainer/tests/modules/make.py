"""Makes the modules that the tests train or see refused. Usage: make.py FOLDER"""

import math
import pathlib
import sys
import typing

import torch
from torch import nn
from torch.nn import functional

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "examples"))
from export_module import save  # noqa: E402


class Tokens(nn.Module):
    """One layer of a transformer: takes [samples, 9] tokens, returns [samples, 9, 11] scores. Holds a frozen buffer."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(11, 16)
        self.register_buffer("positions", torch.sin(torch.arange(9 * 16).reshape(9, 16) * 0.37))
        self.norm = nn.LayerNorm(16)
        self.projection = nn.Linear(16, 48)
        self.feed = nn.Sequential(nn.Linear(16, 32), nn.GELU(), nn.Linear(32, 16))
        self.output = nn.Linear(16, 11, bias=False)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        stream = self.embedding(tokens) + self.positions
        parts = self.projection(self.norm(stream)).reshape(tokens.size(0), 9, 3, 2, 8).permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(parts[0], parts[1], parts[2], is_causal=True)
        stream = stream + mixed.transpose(1, 2).reshape(tokens.size(0), 9, 16)
        return self.output(stream + self.feed(stream))


class Images(nn.Module):
    """A fully connected layer with something in front of it: takes [samples, 20], returns [samples, 4]."""

    def __init__(self, before: typing.Optional[nn.Module] = None) -> None:
        super().__init__()
        self.before = before or nn.Identity()
        self.head = nn.Linear(20, 4)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.head(self.before(images))


class LogGamma(nn.Module):
    def forward(self, values: torch.Tensor) -> torch.Tensor:
        return torch.lgamma(values + 1.0)


class HiddenLogGamma(nn.Module):
    """Calls the operator in a branch that a first pass would not take."""

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        if values.size(0) > 1000:
            return torch.lgamma(values + 1.0)
        return values


class Counting(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.passes = 0

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        self.passes += 1
        return values / self.passes


class Writing(nn.Module):
    def forward(self, values: torch.Tensor) -> torch.Tensor:
        torch.save(values, "stolen")
        return values


class Printing(nn.Module):
    """Writes a line that a launcher could take for its worker's."""

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        print('{"event":"step","done":1,"loss":0.0}')
        return values


class LibraryFunction(nn.Module):
    """Computes a number with the C library's logarithm."""

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        return values * math.log(float(values.size(1)))


class Scaling(nn.Module):
    """Changes a parameter in each pass."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(20))

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        self.scale.detach().mul_(0.5)
        return values * self.scale


class Running(nn.Module):
    """Runs code while it is read."""

    @torch.jit.export
    def __getstate__(self):
        return (self.training,)

    @torch.jit.export
    def __setstate__(self, state: typing.Tuple[bool]) -> None:
        self.training = state[0]

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        return values


class Tied(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(20, 20, bias=False)
        self.second = nn.Linear(20, 20, bias=False)
        self.second.weight = self.first.weight

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        return self.second(self.first(values))


class Unused(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.spare = nn.Parameter(torch.ones(3))

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        return values


MODULES: typing.Dict[str, typing.Callable[[], nn.Module]] = {
    "tokens": Tokens,
    "refused-operator": lambda: Images(LogGamma()),
    "refused-branch": lambda: Images(HiddenLogGamma()),
    "refused-dropout": lambda: Images(nn.Dropout(0.1)),
    "refused-batch-norm": lambda: Images(nn.BatchNorm1d(20)),
    "refused-assignment": lambda: Images(Counting()),
    "refused-parameter": lambda: Images(Scaling()),
    "refused-print": lambda: Images(Printing()),
    "refused-library-function": lambda: Images(LibraryFunction()),
    "refused-file": lambda: Images(Writing()),
    "refused-code-at-load": lambda: Images(Running()),
    "refused-tied": lambda: Images(Tied()),
    "refused-unused": lambda: Images(Unused()),
    "refused-half": lambda: Images().half(),
}

if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for name, make in MODULES.items():
        torch.manual_seed(1)
        save(make(), f"{sys.argv[1]}/{name}.pt")
