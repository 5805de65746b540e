"""Prompt texts. The model was trained on exactly these strings."""

BOS, EOS = "<s>", "</s>"

WIKI_PREFIX = (
    "Read the passages and answer the question that follows. Give the answer only, in at most five words.\n\n"
    "Passages:\n\n"
)
QUESTION = WIKI_QUESTION = "Question: {question}\nAnswer:"

RETRIEVAL_PREFIX = "Read the notes and answer the question that follows. Give the words only.\n\nNotes:\n\n"

CHAT_PREFIX = (
    "Each chat below is followed by a short summary. "
    "Look at the examples, then summarise the last chat in the same manner.\n\n"
)
CHAT_SEPARATOR = "\n\n"
CHAT_LAST = "Now the last chat.\n"
CHAT_ASK = "Summary:"

# Prompts of evaluation items: prefix and documents are cached, the question is fresh.
TEMPLATES = {
    "pocketwiki": dict(
        prefix=WIKI_PREFIX, document="{text}", question=WIKI_QUESTION,
        max_new_tokens=24, stop=[EOS, "\n"], metric="word F1"),
    "pocketretrieval": dict(
        prefix=RETRIEVAL_PREFIX, document="{text}", question=QUESTION,
        max_new_tokens=24, stop=[EOS, "\n"], metric="word F1"),
    "pocketchat": dict(
        prefix=CHAT_PREFIX, document="{text}", question="{question}",
        max_new_tokens=64, stop=[EOS, "\n"], metric="ROUGE-L"),
}
