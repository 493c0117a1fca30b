#!/usr/bin/env python3
"""Takes data files out of pinned PyPI wheels. Usage: datasets.py DESTINATION

digits.csv.gz: the UCI optical recognition of handwritten digits (1,797 images of 8x8 pixels from 0 to 16, then the digit),
which scikit-learn ships: https://archive.ics.uci.edu/dataset/80
"""

import hashlib
import pathlib
import sys
import zipfile

import wheels

ENTRY = "sklearn/datasets/data/digits.csv.gz"
SHA256 = "09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22"


def main(destination: pathlib.Path) -> None:
    """Downloads, checks and puts the result in place."""
    requirements = pathlib.Path(__file__).with_name("requirements-datasets.txt")
    with wheels.staged(destination) as (stage, downloads):
        (wheel,) = wheels.download(requirements, downloads)
        with zipfile.ZipFile(wheel) as archive:
            content = archive.read(ENTRY)
        if (actual := hashlib.sha256(content).hexdigest()) != SHA256:
            sys.exit(f"{ENTRY} of {wheel.name} has SHA-256 {actual}, not {SHA256}")
        (stage / pathlib.PurePosixPath(ENTRY).name).write_bytes(content)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]).resolve())
