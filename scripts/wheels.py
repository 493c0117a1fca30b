"""Downloads pinned wheels with pip and installs what a script takes out of them, all or nothing."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator

PLATFORMS = ["manylinux_2_28_x86_64", "manylinux_2_27_x86_64", "manylinux_2_25_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"]


def download(requirements: pathlib.Path, into: pathlib.Path) -> list[pathlib.Path]:
    """The wheels that `requirements` pins by hash, for one fixed platform whatever Python runs this."""
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-cache-dir", "--disable-pip-version-check"]
    command += ["--only-binary=:all:", "--implementation", "cp", "--python-version", "3.11", "--abi", "cp311", "--abi", "none"]
    command += [argument for platform in PLATFORMS for argument in ("--platform", platform)]
    command += ["--require-hashes", "-r", str(requirements), "-d", str(into)]
    if subprocess.run(command).returncode != 0:
        sys.exit(f"pip could not download what {requirements.name} names")
    return sorted(into.glob("*.whl"))


def require_space(folder: pathlib.Path, bytes_needed: int) -> None:
    """Stops with a clear message where the disk could not hold the result."""
    free = shutil.disk_usage(folder).free
    if free < bytes_needed:
        sys.exit(f"{folder} has {free >> 20} MiB free, and {bytes_needed >> 20} MiB are needed: free some, or set AIXBLOCK_CACHE")


@contextlib.contextmanager
def staged(destination: pathlib.Path) -> Iterator[tuple[pathlib.Path, pathlib.Path]]:
    """Gives (an empty folder to fill, a folder for downloads); the first becomes `destination` if nothing was raised."""
    prefix = f".{destination.name}.stage-"
    destination.parent.mkdir(parents=True, exist_ok=True)
    for left_over in destination.parent.glob(prefix + "*"):  # of a run that was killed; set-up holds a lock
        shutil.rmtree(left_over, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=destination.parent, prefix=prefix) as temporary:
        stage, downloads = pathlib.Path(temporary, "stage"), pathlib.Path(temporary, "downloads")
        stage.mkdir()
        downloads.mkdir()
        yield stage, downloads
        shutil.rmtree(destination, ignore_errors=True)
        os.rename(stage, destination)
