"""Measures the platform beside its peers, in one run and in turns, and writes target/bench/report.json.

Usage: run.py [--rounds N] [--quick]   (from `make bench`, which installs the peer)

Ratios are ours over the peer's, medians over the rounds; `spread` has the lowest and the
highest of each, or the quartiles where the project's own bench programs measured. `--quick` makes
everything small, to see whether it runs: its figures mean nothing.
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARIES = ROOT / "target" / "debug"
BENCH = ROOT / "target" / "bench"
VOCABULARY = "abcdefghijklmnopqrstuvwxyz .,"
MODEL = {"context": 128, "width": 256, "heads": 4, "layers": 4}
TRAINER_VERSION_LINE = "trainer_version"


def say(text: str) -> None:
    print(f"[bench] {text}", file=sys.stderr, flush=True)


def run(command: list, **options) -> tuple[dict, int]:
    """Runs a command that prints a line of JSON. Returns that, and the peak memory of its largest process in bytes."""
    with tempfile.TemporaryFile("w+") as errors:
        child = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=errors, **options)
        output = child.stdout.read().decode()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            errors.seek(0)
            sys.exit(f"{' '.join(map(str, command))} failed:\n{errors.read()[-4000:]}")
    return json.loads(output.strip().splitlines()[-1]), usage.ru_maxrss * 1024


class Series:
    """Figures of one kind, one for each round."""

    def __init__(self):
        self.values: list[float] = []

    def add(self, value: float) -> None:
        self.values.append(value)

    @property
    def median(self) -> float:
        return round(statistics.median(self.values), 4)

    @property
    def spread(self) -> list[float]:
        return [round(min(self.values), 4), round(max(self.values), 4)]


class Job:
    """A training job on a text of random letters, in a store of its own."""

    def __init__(self, folder: pathlib.Path, name: str, letters: int, **numbers):
        self.folder, self.name = folder, name
        self.text = folder / f"{name}.txt"
        self.text.write_text("".join(random.Random(1).choices(VOCABULARY, k=letters)))
        self.store = folder / "store"
        trainer = BINARIES / "aixblock-trainer"
        dataset, _ = run([trainer, "dataset", "--kind", "text", "--input", self.text, "--store", self.store])
        version = next(line for line in (ROOT / "trainer/jobs/digits.toml").read_text().splitlines() if line.startswith(TRAINER_VERSION_LINE))
        self.manifest = folder / f"{name}.toml"
        self.manifest.write_text(MANIFEST.format(root=dataset["root"], version=version, vocab=len(VOCABULARY), **numbers))
        self.segment_len = numbers["segment_len"]
        self.starts = 0

    def train(self, workers: int) -> tuple[dict, float, int]:
        """Result, seconds of a step after the first segment, and peak memory of a fresh run.

        What the first segment allocates, for its checkpoint too, is not what a segment takes. The checkpoint of a segment is
        written beside the next, so that each segment that counts bears one.
        """
        self.starts += 1
        work = self.folder / f"{self.name}-{self.starts}"
        report, peak = run([BINARIES / "aixblock-trainer", "launch", "--manifest", self.manifest, "--store", self.store,
                            "--work-dir", work, "--workers", workers])
        lines = [json.loads(line) for line in (work / "metrics.jsonl").read_text().splitlines()]
        shutil.rmtree(work)
        steps = [line["seconds"]["total"] for line in lines if line["event"] == "step"][self.segment_len:]
        return report, statistics.mean(steps), peak

    def replay(self, report: dict, segments: list[int], threads: int) -> tuple[dict, int]:
        """Report and peak memory of a replay of these segments."""
        return run([BINARIES / "aixblock-trainer", "replay", "--log", report["log"], "--manifest-hash",
                    report["manifest_hash"], "--store", self.store, "--threads", threads,
                    "--segments", ",".join(map(str, segments))])


MANIFEST = """version = 1
{version}
numeric_profile = "canonical-avx2-v2"
init_seed = 1
sampler_seed = 2
virtual_ranks = 2
batch_per_rank = {batch}
steps = {steps}
segment_len = {segment_len}
[model]
kind = "transformer"
vocab = {vocab}
context = {context}
width = {width}
heads = {heads}
layers = {layers}
[dataset]
kind = "text"
root = "{root}"
holdout = {{ seed = 6, one_in = 50 }}
[optimizer]
kind = "adamw"
lr = 0.001
beta1 = 0.9
beta2 = 0.95
eps = 1e-8
weight_decay = 0.1
schedule = {{ kind = "linear", warmup_steps = 2, final_ratio = 0.1 }}
[acceptance]
metric = "accuracy"
minimum_ppm = 0
"""


def distributed(folder: pathlib.Path, rounds: int, quick: bool) -> dict[str, Series]:
    """One worker and two, and PyTorch's DistributedDataParallel with two, in turns."""
    segment_len, timed, batch = (2, 4, 1) if quick else (10, 20, 16)
    model = {**MODEL, "width": 32, "layers": 1} if quick else MODEL
    letters = 20_000 if quick else 400_000
    job = Job(folder, "distributed", letters, batch=batch, steps=segment_len + timed, segment_len=segment_len, **model)
    peer = [sys.executable, ROOT / "bench/pytorch_peer.py", "--text", job.text, "--batch", batch, "--steps", timed]
    for name, value in model.items():
        peer += [f"--{name}", value]
    figures = {name: Series() for name in ("ddp_speedup_2", "ddp_vs_pytorch", "peak_memory_ratio")}
    for number in range(rounds):
        (_, step_alone, _), (_, step_of_pair, peak) = job.train(1), job.train(2)
        theirs, _ = run([*peer, "--ranks", 2])
        alone, pair = 2 * batch / step_alone, 2 * batch / step_of_pair
        figures["ddp_speedup_2"].add(pair / alone)
        figures["ddp_vs_pytorch"].add(pair / theirs["samples_per_second"])
        figures["peak_memory_ratio"].add(peak / theirs["peak_bytes"])
        say(f"distributed {number + 1}/{rounds}: {alone:.1f} samples/s with one worker, {pair:.1f} with two, "
            f"PyTorch {theirs['samples_per_second']:.1f}")
    return figures


def audit(folder: pathlib.Path, rounds: int, quick: bool) -> dict[str, Series]:
    """Ten of two hundred segments, in core-seconds: an oracle replays in one thread what two workers trained at once."""
    steps, k, segments, workers = (20, 2, 10, 2) if quick else (2_000, 10, 200, 2)
    job = Job(folder, "audit", 200_000, batch=4, steps=steps, segment_len=steps // segments,
              context=64, width=64, heads=4, layers=2)
    figures = {name: Series() for name in ("audit_cost", "audit_memory_ratio")}
    for number in range(rounds):
        report, step, peak = job.train(workers)
        chosen = [0, segments - 1, *random.Random(number).sample(range(1, segments - 1), k - 2)]
        replayed, replay_peak = job.replay(report, sorted(chosen), threads=1)
        if replayed["verdict"] != "match":
            sys.exit(f"an honest run was rejected: {replayed}")
        training = step * steps * workers
        figures["audit_cost"].add(replayed["seconds"] / training)
        figures["audit_memory_ratio"].add(replay_peak / peak)
        say(f"audit {number + 1}/{rounds}: {training:.1f} core-seconds of training, {replayed['seconds']:.2f} for {k} of {segments} segments")
    return figures


def own_bench(program: str, figures: str, *options: str) -> dict:
    """Figures of one of the project's own bench programs, which writes them to `figures` in target/bench."""
    say(f"{program} ...")
    subprocess.run([BINARIES / program, *options], check=True, stdout=sys.stderr, cwd=ROOT)
    return json.loads((BENCH / figures).read_text())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    rounds = 1 if arguments.quick else arguments.rounds
    BENCH.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=BENCH) as folder:
        folder = pathlib.Path(folder)
        figures = {**distributed(folder, rounds, arguments.quick), **audit(folder, rounds, arguments.quick)}
    report = {name: series.median for name, series in figures.items()}
    spread = {name: series.spread for name, series in figures.items()}
    kernels = own_bench("aixblock-kernel-bench", "kernels.json", "--runs", "3" if arguments.quick else "15")
    # each run trains eight segments
    reducer = own_bench("aixblock-reducer-bench", "reducer.json", "--runs", "1" if arguments.quick else str(rounds))
    detection = own_bench("aixblock-detection", "detection.json")
    report["step_time_ratio"] = {step["model"]: step["time_ratio"] for step in kernels["steps"]}
    spread["step_time_ratio"] = {step["model"]: step["time_ratio_quartiles"] for step in kernels["steps"]}
    report["reducer_vs_gloo"] = {str(figure["ranks"]): figure["bandwidth_ratio"] for figure in reducer["reductions"]}
    spread["reducer_vs_gloo"] = {str(figure["ranks"]): figure["bandwidth_ratio_quartiles"] for figure in reducer["reductions"]}
    overhead = next(figure for figure in reducer["training"]["commit_overhead"] if figure["workers"] == 2)
    report["commit_overhead"], spread["commit_overhead"] = overhead["overhead"], overhead["overhead_quartiles"]
    report["detection_max_error"] = detection["max_error"]
    (BENCH / "report.json").write_text(json.dumps({**report, "spread": spread, "rounds": rounds}, indent=2) + "\n")
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
