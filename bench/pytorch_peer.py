"""The peer of `make bench`: the same models in PyTorch, trained by DistributedDataParallel over gloo.

Usage: pytorch_peer.py --model NAME --text FILE --ranks N --batch B --steps T
Prints one line of JSON: samples per second of the timed steps over all ranks, and the peak memory of a rank in bytes.
"""

import argparse
import json
import os
import resource
import socket
import sys
import tempfile
import time

import torch
import torch.distributed as dist
from torch import nn
from torch.nn import functional

WARM_UP_STEPS = 3


class Block(nn.Module):
    """Normalisation before each part, ReLU in the feed-forward part: as trainer/src/model/transformer.rs."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention_in, self.attention_out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.feed_in, self.feed_out = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, stream: torch.Tensor) -> torch.Tensor:
        samples, tokens, width = stream.shape
        parts = self.attention_in(self.norm1(stream)).view(samples, tokens, 3, self.heads, width // self.heads)
        queries, keys, values = parts.permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(queries, keys, values, is_causal=True)
        stream = stream + self.attention_out(mixed.transpose(1, 2).reshape(samples, tokens, width))
        return stream + self.feed_out(functional.relu(self.feed_in(self.norm2(stream))))


class Transformer(nn.Module):
    """Decoder-only, with learned positions."""

    def __init__(self, vocab: int, context: int, width: int, heads: int, layers: int):
        super().__init__()
        self.token, self.position = nn.Embedding(vocab, width), nn.Embedding(context, width)
        self.blocks = nn.Sequential(*(Block(width, heads) for _ in range(layers)))
        self.norm, self.output = nn.LayerNorm(width), nn.Linear(width, vocab)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        stream = self.token(tokens) + self.position.weight[: tokens.shape[1]]
        return self.output(self.norm(self.blocks(stream))).flatten(0, 1)


def train(rank: int, arguments: argparse.Namespace, rendezvous: str) -> None:
    """One rank; rank 0 prints the result."""
    torch.set_num_threads(1)
    torch.manual_seed(1)
    dist.init_process_group("gloo", init_method=f"file://{rendezvous}", rank=rank, world_size=arguments.ranks)
    with open(arguments.text, "rb") as file:
        text = file.read()
    alphabet = {byte: token for token, byte in enumerate(sorted(set(text)))}
    tokens = torch.tensor([alphabet[byte] for byte in text])
    model = Transformer(len(alphabet), arguments.context, arguments.width, arguments.heads, arguments.layers)
    wrapped = nn.parallel.DistributedDataParallel(model) if arguments.ranks > 1 else model
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)
    generator = torch.Generator().manual_seed(rank)
    windows = (len(tokens) - 1) // arguments.context
    started = 0.0
    for step in range(WARM_UP_STEPS + arguments.steps):
        if step == WARM_UP_STEPS:
            dist.barrier()
            started = time.perf_counter()
        starts = torch.randint(windows, (arguments.batch,), generator=generator) * arguments.context
        places = starts[:, None] + torch.arange(arguments.context)
        loss = functional.cross_entropy(wrapped(tokens[places]), tokens[places + 1].flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        # read at each step, as a progress line does
        loss.item()
    dist.barrier()
    seconds = time.perf_counter() - started
    if rank == 0:
        samples = arguments.steps * arguments.batch * arguments.ranks
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(json.dumps({"samples_per_second": samples / seconds, "peak_bytes": peak}), flush=True)
    dist.destroy_process_group()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--text", required=True)
    for name in ("context", "width", "heads", "layers", "ranks", "batch", "steps"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--rank", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--rendezvous", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    # the loopback interface is found by name, whatever the host is called
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    if arguments.rank is not None:
        train(arguments.rank, arguments, arguments.rendezvous)
        return
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, *sys.argv, "--rendezvous", os.path.join(folder, "store")]
        children = [os.spawnv(os.P_NOWAIT, sys.executable, [*command, "--rank", str(r)]) for r in range(arguments.ranks)]
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    if any(codes):
        sys.exit(f"a rank of the peer failed on {socket.gethostname()}: exit statuses {codes}")


if __name__ == "__main__":
    main()
