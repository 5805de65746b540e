"""The prompt text of one training row of chats."""
from .chats import STYLE_COUNT, chat
from .prompts import CHAT_ASK, CHAT_LAST, CHAT_PREFIX, CHAT_SEPARATOR


def training_row(rng, names, first_stage):
    """-> [(text, kind)], kind None: summary of an example; True: requested summary; False: other text."""
    style = rng.randrange(STYLE_COUNT)
    pieces = [(CHAT_PREFIX, False)] if rng.random() < .9 else []

    def add(lead, kind):
        dialogue, summary = chat(rng, style, names)
        pieces.extend([(lead + dialogue + CHAT_ASK, False), (" " + summary, kind), (CHAT_SEPARATOR, False)])

    for _ in range(rng.randint(1, 2) if first_stage else rng.randint(3, 6)):
        add("", None)
    for _ in range(3 if first_stage else 8):
        add(CHAT_LAST, True)
    return pieces
