"""Writes the corpus manifest anew from the documents: hashes, and the metadata of their front matter.

Run it after a document was added or changed: `python -m tunewise.retrieval.manifest [FOLDER]`. A document without
front matter (the article, whose text is shipped unchanged) keeps the metadata that the manifest already has.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from pathlib import Path

from tunewise.errors import CorpusError
from tunewise.retrieval.corpus import ARTICLE, NOTES, PAPERS, corpus_root, read_manifest
from tunewise.types import PRACTICE

_FRONT_MATTER = re.compile(r"---\r?\n(.*?)\r?\n---\r?\n", re.DOTALL)
_FOLDERS = {PAPERS: "P", NOTES: "N"}


def front_matter(text: str) -> dict[str, object]:
    """The YAML front matter of a document, {} without one."""
    import yaml

    match = _FRONT_MATTER.match(text)
    loaded = yaml.safe_load(match[1]) if match else {}
    if not isinstance(loaded, dict):
        raise CorpusError("Front matter must be 'key: value' lines between two lines of '---'.")
    return loaded


def refresh(root: Path) -> dict[str, object]:
    """The manifest for the documents below `root`, written to `root/manifest.json`; returns it."""
    manifest = read_manifest(root)
    known = {entry["id"]: entry for entry in manifest["documents"]}
    article = known.get(ARTICLE, {})
    entries = [{**article, **_entry(root, root / "documents" / "article.md", ARTICLE, ARTICLE, "A")}]
    for collection, letter in _FOLDERS.items():
        for path in sorted((root / "documents" / collection).glob("*.md")):
            name = path.stem if collection == PAPERS else f"note-{path.stem}"
            entries.append(_entry(root, path, name, collection, f"{letter}-{path.stem}"))
    for path in sorted((root / "documents" / PRACTICE).glob("*.yaml")):
        entry = _entry(root, path, f"practice-{path.stem}", PRACTICE, f"PN-{path.stem}")
        entries.append({**entry, "title": f"Practice notes: {path.stem}"})
    manifest["documents"] = entries
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    (root / "manifest.json").write_text(text, encoding="utf-8")
    return manifest


def _entry(root: Path, path: Path, id_: str, collection: str, prefix: str) -> dict[str, object]:
    content = path.read_bytes()
    return {
        "id": id_,
        "collection": collection,
        "prefix": prefix,
        "path": path.relative_to(root).as_posix(),
        "sha256": hashlib.sha256(content).hexdigest(),
        **front_matter(content.decode("utf-8")),
    }


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else corpus_root()
    documents = refresh(folder)["documents"]
    sys.stdout.write(f"{folder / 'manifest.json'}: {len(documents)} documents\n")  # type: ignore[arg-type]
