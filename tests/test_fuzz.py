"""Damaged files of every kind: no crash, every record accounted for, nobody's card or address stored."""

import io
import random
import subprocess
import sys
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxreports.definitions.catalogue import read_catalogue
from tests.conftest import ROOT
from tests.fuzz import fuzz_runs, nothing_leaks, read_promises, run_promises, together
from tests.mutants import EMAIL, SAID, mutated, seeds

CATALOGUE = read_catalogue()
WHOLE = seeds(CATALOGUE)


@pytest.mark.parametrize("seed", WHOLE, ids=lambda s: f"{s.kind}-{s.name}")
def test_a_whole_file_of_each_kind_is_read_without_a_fault_of_framing(seed, tmp_path):
    (tmp_path / seed.name).write_bytes(seed.data)
    assert read_promises(CATALOGUE, seed, tmp_path / seed.name) >= 1


@settings(derandomize=True, deadline=None, max_examples=1_500)
@given(st.sampled_from(WHOLE), st.integers(0, 2**32))
def test_the_reader_keeps_its_promises_on_damaged_files(tmp_path_factory, seed, chance):
    path = tmp_path_factory.getbasetemp() / f"mutant-{seed.name}"
    path.write_bytes(mutated(seed.data, random.Random(chance), seed.head))
    read_promises(CATALOGUE, seed, path)


@pytest.mark.parametrize("number", range(0, len([k for k in CATALOGUE.sources.values() if "legs" in k.header.fills]), 4))
def test_whole_files_of_every_kind_are_stored_without_the_planted_words(number, tmp_path):
    batch = [(s, s.data) for s in together(CATALOGUE, number)]
    assert sum(SAID.encode() in data for _, data in batch) >= 20  # or the test would prove nothing
    run_promises(tmp_path, CATALOGUE, batch)


def test_damaged_files_of_every_kind_are_run_and_reported():
    fuzz_runs(2, files=200)


def test_a_leak_is_seen(tmp_path):
    (tmp_path / "x.json").write_text(f"said by {EMAIL}")
    with pytest.raises(AssertionError, match="planted words"):
        nothing_leaks(tmp_path)


def test_the_reader_survives_what_coverage_finds():
    pytest.importorskip("atheris")
    command = [sys.executable, "-m", "tests.fuzz_reader", "3000"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-2000:]


def test_a_zip_whose_names_are_not_what_they_claim_is_one_damaged_record(tmp_path):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("é.json", "{}")  # marked as UTF-8
    data = out.getvalue().replace("é.json".encode(), b"\x80\x81.json")
    for kind, name in (("amazon_connect_contact_lens", "x.zip"), ("genesys_cloud_conversations", "x.json.zip")):
        seed = next(s for s in WHOLE if (s.kind, s.name) == (kind, name))
        assert run_promises(tmp_path / kind, CATALOGUE, [(seed, data)]) == 1
