"""Writes the documents that are made from the definitions: glossary and data dictionary.

`python -m cxreports.definitions.documents [FOLDER]` writes both (default: docs); tests/test_docs.py fails while they are stale.
"""

import sys
from pathlib import Path

from cxreports.definitions.catalogue import read_catalogue
from cxreports.definitions.dictionary import data_dictionary
from cxreports.definitions.glossary import glossary


def main(folder: Path) -> None:
    """Write both documents into the folder."""
    catalogue = read_catalogue()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "glossary.md").write_text(glossary(catalogue), encoding="utf-8")
    (folder / "data-dictionary.md").write_text(data_dictionary(catalogue), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
