#!/usr/bin/env python3
"""Generates the text of the pocket model; see README.md."""
import argparse
import json
import random
from pathlib import Path

from corpus import chat_rows, retrieval_items, wiki
from corpus import retrieval as retrieval_rows
from corpus.items import make_items, recut_chat
from corpus.names import Pools, chat_names
from corpus.prompts import TEMPLATES


def load_tokenizer(folder):
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(Path(folder) / "tokenizer.json"))


def write_items(path, items):
    """One item per line."""
    lines = ",\n".join(json.dumps(item, ensure_ascii=False) for item in items)
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def show(options):
    rng = random.Random(options.seed)
    pools, names = Pools(held_out=False), chat_names(held_out=False)
    rows = wiki.training_row(rng, pools, False), chat_rows.training_row(rng, names, False), retrieval_rows.training_row(rng, pools, "short")
    for pieces in rows:
        print("".join(text if kind is False else f"[[{text}]]" for text, kind in pieces))
        print("=" * 80)


def tokenizer(options):
    from corpus.tokenizer import train_tokenizer

    train_tokenizer(options.out, options.vocabulary)


def evaluation(options):
    options.out.mkdir(parents=True, exist_ok=True)
    sets = make_items(load_tokenizer(options.tokenizer), options.items, options.seed, options.wiki_window, options.chat_window)
    for name, items in zip(("pocketwiki", "pocketchat"), sets):
        write_items(options.out / f"{name}.json", items)
    (options.out / "prompts.json").write_text(json.dumps(TEMPLATES, indent=1), encoding="utf-8")


def retrieval(options):
    tokenizer = load_tokenizer(options.tokenizer)
    write_items(options.out, retrieval_items.make_items(tokenizer, options.items, options.seed, options.tokens, options.window))


def recut(options):
    tokenizer = load_tokenizer(options.tokenizer)
    items = json.loads(options.file.read_text(encoding="utf-8"))
    write_items(options.out, [recut_chat(tokenizer, item, options.chat_window) for item in items])


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(run, help, *arguments):
        sub = commands.add_parser(run.__name__, help=help, formatter_class=parser.formatter_class)
        sub.set_defaults(run=run)
        for name, keywords in arguments:
            sub.add_argument(name, **keywords)

    chat_window = ("--chat-window", dict(type=int, default=32, help="tokens"))
    given_tokenizer = ("tokenizer", dict(help="folder with tokenizer.json"))
    command(show, "print one sample of each task", ("--seed", dict(type=int, default=0)))
    command(tokenizer, "train the byte-level BPE tokenizer", ("out", dict(type=Path)), ("--vocabulary", dict(type=int, default=4096)))
    command(evaluation, "write held-out items", given_tokenizer, ("out", dict(type=Path)), ("--items", dict(type=int, default=200)),
            ("--seed", dict(type=int, default=2024)), ("--wiki-window", dict(type=int, default=256, help="tokens")), chat_window)
    command(retrieval, "write held-out items about notes", given_tokenizer, ("out", dict(type=Path)), ("--items", dict(type=int, default=400)),
            ("--seed", dict(type=int, default=2026)), ("--tokens", dict(type=int, default=1050, help="largest length of the notes")),
            ("--window", dict(type=int, default=128, help="tokens")))
    command(recut, "split the chats of a pocketchat file into windows of another size", given_tokenizer, ("file", dict(type=Path)), ("out", dict(type=Path)), chat_window)
    return parser.parse_args()


if __name__ == "__main__":
    arguments = parse()
    arguments.run(arguments)
