"""Random inputs, guided by coverage, for every parser of foreign bytes: `python -m tests.fuzz [seconds] [target …]`.

One process per target, one after the other. What breaks is written into `corpus/<target>/`, where `test_corpus` keeps
it for ever once it is mended.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"
MEGABYTES = 600


def fuzz(name: str, seconds: int) -> None:
    """In this process, until an input breaks the target or the time is over; atheris ends the process itself."""
    import atheris  # noqa: PLC0415 - installed for this alone

    with atheris.instrument_imports(include=["events", "shared"]):
        from tests.fuzz.targets import TARGETS  # noqa: PLC0415 - instrumented as it is loaded

    seeds, found = CORPUS / name, tempfile.mkdtemp(prefix=f"fuzz-{name}-")
    options = [f"-max_total_time={seconds}", "-max_len=4096", f"-rss_limit_mb={MEGABYTES}", "-timeout=10",
               f"-artifact_prefix={seeds}/", "-print_final_stats=1", "-verbosity=0"]  # fmt: skip
    atheris.Setup([name, *options, found, str(seeds)], TARGETS[name])
    atheris.Fuzz()


def main(words: list[str]) -> int:
    """Run the targets; returns how many were broken."""
    if words[:1] == ["--one"]:
        fuzz(words[1], int(words[2]))
        return 0
    from tests.fuzz.targets import TARGETS  # noqa: PLC0415 - not before atheris where it is used

    seconds, names = int(words[0]) if words else 60, words[1:] or list(TARGETS)
    broken = 0
    for name in names:
        (CORPUS / name).mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "tests.fuzz", "--one", name, str(seconds)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        said = [line for line in done.stderr.splitlines() if line.startswith("stat::")]
        print(name, "broken" if done.returncode else "held", *said, flush=True)
        if done.returncode:
            broken += 1
            print(done.stderr[-4000:], flush=True)
    return broken


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
