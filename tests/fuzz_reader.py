"""Coverage-guided fuzzing of the framing reader: `python -m tests.fuzz_reader 50000` (needs atheris, which is for Linux).

The first byte chooses the kind of file, the rest is the file. A broken promise or a crash stops it and leaves the bytes in
`crash-…`, as libFuzzer does.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris  # type: ignore[import-not-found, unused-ignore]

with atheris.instrument_imports(include=["cxreports.intake"]):
    from cxreports.definitions.catalogue import read_catalogue
    from tests.fuzz import read_promises
    from tests.mutants import seeds

if __name__ == "__main__":
    catalogue = read_catalogue()
    whole = seeds(catalogue)
    with TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        for number, seed in enumerate(whole):
            (corpus / str(number)).write_bytes(bytes([number]) + seed.data)

        def one(data: bytes) -> None:
            seed = whole[data[0] % len(whole)] if data else whole[0]
            path = Path(folder) / seed.name
            path.write_bytes(data[1:])
            read_promises(catalogue, seed, path)

        atheris.Setup([sys.argv[0], f"-runs={sys.argv[1]}", "-seed=1", "-max_len=8000", str(corpus)], one)
        atheris.Fuzz()
