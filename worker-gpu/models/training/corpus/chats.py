"""Chats with one-line summaries. All summaries of one item have the same style."""
from .scenes import SCENES, Scene

# Bits of a style: one of four sentence forms (0-3), "going to" instead of "will" (4), a label (8).
STYLE_COUNT = 16
_FAREWELLS = ["talk later", "bye!", "see you soon", "take care"]


def chat(rng, style, names):
    """-> (dialogue, one line per message and each with its line end; summary)"""
    a, b, c = rng.sample(names, 3)
    make, label = rng.choice(SCENES)
    scene = Scene(rng, a, b, c)
    summaries = make(scene)
    lines = scene.lines
    if rng.random() < .25:
        lines = lines + [(b if lines[-1][0] == a else a, rng.choice(_FAREWELLS))]
    dialogue = "Dialogue:\n" + "".join(f"{speaker}: {text}\n" for speaker, text in lines)
    return dialogue, _in_style(summaries[style % 4], style, label)


def _in_style(summary, style, label):
    summary = summary[0].upper() + summary[1:]
    if style & 4:
        who = summary.split(" will ")[0]
        verb = "are" if " and " in who or ", " in who else "is"
        summary = summary.replace(" will ", f" {verb} going to ", 1)
    return f"{label}: {summary}" if style & 8 else summary
