"""Splits text into windows of a fixed number of tokens, as retrieval systems split documents."""


def windows(tokenizer, text, size):
    """Windows of at most size tokens. They end at word boundaries, so that each alone encodes to its ids within the text."""
    whole = tokenizer.encode(text, add_special_tokens=False)
    cuts, at = [0], 0
    while len(whole.ids) - at > size:
        at += size
        while not _starts_word(whole.tokens, at):
            at -= 1
        cuts.append(at)
    cuts.append(len(whole.ids))
    parts = [tokenizer.decode(whole.ids[start:end]) for start, end in zip(cuts, cuts[1:])]
    check_same_tokens(tokenizer, parts, text)
    return parts


def check_same_tokens(tokenizer, parts, text):
    """Raises unless the parts, encoded separately, have the text and the ids of the whole text."""
    ids = [i for part in parts for i in tokenizer.encode(part, add_special_tokens=False).ids]
    if "".join(parts) != text or ids != tokenizer.encode(text, add_special_tokens=False).ids:
        raise ValueError(f"text cannot be split without changing its tokens: {text[:60]!r}...")


def _starts_word(tokens, index):
    space, line_end = "Ġ", "Ċ"  # as byte-level BPE spells them
    return index == 0 or tokens[index][0] in (space, line_end) or tokens[index - 1] == line_end
