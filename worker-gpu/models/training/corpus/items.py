"""Evaluation items: prompts with held-out names, split into windows that are cached separately."""
import random

from .chats import STYLE_COUNT, chat
from .names import Pools, chat_names
from .prompts import CHAT_ASK, CHAT_LAST, CHAT_PREFIX, CHAT_SEPARATOR
from .questions import questions
from .wiki import wiki_world
from .windows import check_same_tokens, windows
from .world import text_of

_KIND_SHARES = (("bridge", .34), ("family", .16), ("comparison", .18), ("border", .32))


def make_items(tokenizer, count, seed, wiki_window, chat_window):
    """-> pocketwiki items, pocketchat items"""
    rng, pools, names = random.Random(seed), Pools(held_out=True), chat_names(held_out=True)
    kinds = [kind for kind, share in _KIND_SHARES for _ in range(round(share * count))]
    rng.shuffle(kinds)
    wiki = [wiki_item(rng, pools, tokenizer, kind, wiki_window) for kind in kinds]
    return wiki, [chat_item(rng, names, tokenizer, chat_window) for _ in range(count)]


def wiki_item(rng, pools, tokenizer, kind, window):
    """kind border: one fact, in a window that does not name the subject of the fact."""
    while True:
        world, texts = wiki_world(rng, pools, rng.randint(7, 10))
        parts = windows(tokenizer, "".join(texts), window)
        candidates = questions(rng, world)["lookup" if kind == "border" else kind]
        rng.shuffle(candidates)
        for question in candidates:
            crosses = _crosses_window(world, texts, parts, question.support)
            if kind != "border" or crosses:
                return dict(
                    ctxs=[dict(title="", text=part) for part in parts],
                    question=question.text, answers=[question.answer], type=kind, crosses_window=crosses)


def _crosses_window(world, texts, parts, support):
    """Whether a window states a needed fact without naming its subject before."""
    window_starts = [sum(map(len, parts[:i])) for i in range(len(parts))]
    for thing, attribute in support:
        index = world.described.index(thing)
        passage = sum(map(len, texts[:index]))
        for sentence in thing.sentences:
            if attribute not in sentence.states:
                continue
            fact = passage + texts[index].index(text_of(thing.attributes[attribute]), sentence.start)
            window = max(start for start in window_starts if start <= fact)
            mentions = [passage] + [passage + s.start for s in thing.sentences if s.names_subject]
            if not any(window <= mention <= fact for mention in mentions):
                return True
    return False


def chat_item(rng, names, tokenizer, window):
    style = rng.randrange(STYLE_COUNT)
    examples = [chat(rng, style, names) for _ in range(rng.randint(4, 6))]
    dialogue, summary = chat(rng, style, names)
    text = "".join(f"{example}{CHAT_ASK} {result}{CHAT_SEPARATOR}" for example, result in examples) + CHAT_LAST + dialogue
    return windowed_chat(tokenizer, text, summary, style, window)


def windowed_chat(tokenizer, text, summary, style, window):
    """Splits examples and last chat into windows; only the line that requests the summary is fresh."""
    parts = windows(tokenizer, text, window)
    check_same_tokens(tokenizer, [CHAT_PREFIX, *parts, CHAT_ASK], CHAT_PREFIX + text + CHAT_ASK)
    return dict(ctxs=[dict(text=part) for part in parts], question=CHAT_ASK, answers=[summary], type=f"style {style}")


def recut_chat(tokenizer, item, window):
    """The same prompt with windows of another size."""
    text = "".join(document["text"] for document in item["ctxs"])
    style = int(item["type"].removeprefix("style "))
    return windowed_chat(tokenizer, text, item["answers"][0], style, window)
