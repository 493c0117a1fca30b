#!/usr/bin/env python3
"""Lays out a CPU libtorch (lib/ and include/) from the pinned PyPI wheels. Usage: libtorch.py DESTINATION"""

import pathlib
import shutil
import sys
import zipfile

import wheels

# PyPI's wheel is the CUDA one. Its CPU library needs these two NVIDIA libraries to load, and nothing else of CUDA.
LIBRARIES = {
    "torch/lib/libtorch_cpu.so",
    "torch/lib/libc10.so",
    "torch/lib/libgomp.so.1",
    "nvidia/cu13/lib/libcudart.so.13",
    "nvidia/cu13/lib/libcupti.so.13",
}
HEADERS = "torch/include/"
VERSION = "2.13.0"
BYTES_NEEDED = 1_200_000_000  # wheels and result side by side


def unpack(wheel: pathlib.Path, into: pathlib.Path) -> set[str]:
    """Extracts the libraries and headers of one wheel and returns which libraries those were."""
    found = set()
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            if entry.filename in LIBRARIES:
                found.add(entry.filename)
                path = into / "lib" / pathlib.PurePosixPath(entry.filename).name
            elif entry.filename.startswith(HEADERS) and not entry.is_dir():
                path = into / entry.filename.removeprefix("torch/")
            else:
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(entry) as source, open(path, "wb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
    return found


def main(destination: pathlib.Path) -> None:
    """Downloads, unpacks and puts the result in place."""
    requirements = pathlib.Path(__file__).with_name("requirements-libtorch.txt")
    with wheels.staged(destination) as (stage, downloads):
        wheels.require_space(downloads, BYTES_NEEDED)
        found = set().union(*(unpack(wheel, stage) for wheel in wheels.download(requirements, downloads)))
        if missing := LIBRARIES - found:
            sys.exit(f"the wheels of {requirements.name} lack {', '.join(sorted(missing))}")
        # torch-sys links -ltorch, and the wheel's libtorch.so needs the CUDA library: a linker script stands in for it
        (stage / "lib" / "libtorch.so").write_text("INPUT(-ltorch_cpu)\n")
        (stage / "build-version").write_text(f"{VERSION}+cu130.cpuonly\n")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]).resolve())
