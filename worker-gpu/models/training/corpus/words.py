"""Word lists and sentence templates, from ../words."""
import json
from pathlib import Path

_FOLDER = Path(__file__).resolve().parent.parent / "words"


def load(name):
    return json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
