"""Writes the documents that are made from the definitions: glossary and data dictionary, and the lock of their versions.

`python -m cxreports.definitions.documents [FOLDER]` writes them (default: docs); tests/test_docs.py and
tests/test_definition_versions.py fail while they are stale.
"""

import sys
from pathlib import Path

from cxreports.definitions.catalogue import read_catalogue
from cxreports.definitions.dictionary import data_dictionary
from cxreports.definitions.glossary import glossary
from cxreports.definitions.versions import accept_ours


def main(folder: Path) -> None:
    """Write both documents, and new definitions into our lock file; tell which were changed under an old version."""
    catalogue = read_catalogue()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "glossary.md").write_text(glossary(catalogue), encoding="utf-8")
    (folder / "data-dictionary.md").write_text(data_dictionary(catalogue), encoding="utf-8")
    sys.stderr.writelines(f"{fault}\n" for fault in accept_ours())


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
