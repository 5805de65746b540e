#!/usr/bin/env python3
"""Writes orchestrator/src/test/resources/chat/goldens.json: chats as transformers renders them.

    pip install transformers==5.18.0 jinja2==3.1.6
    orchestrator/src/test/golden/make_chat.py [FOLDER]    # templates and goldens.json, instead of those of the tests
"""
import datetime
import json
import pathlib
import sys

import jinja2
import transformers
from transformers.utils import chat_template_utils

CHAT = pathlib.Path(__file__).resolve().parents[1] / "resources" / "chat"
NOW = datetime.datetime(2026, 3, 5, 14, 7, 9)

USER = {"role": "user", "content": "Who wrote it?\nOne word."}
PADDED = {"role": "user", "content": " \n\tWho wrote it?  \n"}
SYSTEM = {"role": "system", "content": "Be brief."}
ANSWER = {"role": "assistant", "content": "<think>\nHm.\n</think>\n\nAda."}
CALL = {
    "role": "assistant",
    "content": "",
    "tool_calls": [{"type": "function", "function": {"name": "find", "arguments": {"title": "Notes – ü", "n": 2}}}],
}
RESULT = {"role": "tool", "content": "{\"author\": \"Ada\"}"}
TOOL = {
    "type": "function",
    "function": {
        "name": "find",
        "description": "Finds a book.",
        "parameters": {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]},
    },
}
CASES = {
    "user": dict(messages=[USER]),
    "white space": dict(messages=[PADDED]),
    "system": dict(messages=[SYSTEM, USER]),
    "turns": dict(messages=[USER, ANSWER, {"role": "user", "content": "When?"}]),
    "no prompt for an answer": dict(messages=[USER, ANSWER], add_generation_prompt=False),
    "two users": dict(messages=[USER, USER]),
    "tools": dict(messages=[USER, CALL, RESULT], tools=[TOOL]),
    "tools and system": dict(messages=[SYSTEM, USER], tools=[TOOL], tools_in_user_message=False),
    "no thinking": dict(messages=[USER], enable_thinking=False),
    "date": dict(messages=[USER], date_string="1 Jan 2026"),
    "markup in the text": dict(messages=[{"role": "user", "content": "{{ 1 }} {% if %} <|im_end|> [/INST]"}]),
}
TOKENS = dict(bos_token="<s>", eos_token="</s>")


class Frozen(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return NOW


def render(template: str, messages, tools=None, **variables):
    rendered, _ = chat_template_utils.render_jinja_template(
        conversations=[messages], tools=tools, chat_template=template, **variables
    )
    return rendered[0]


def main(folder: pathlib.Path) -> None:
    chat_template_utils.datetime = Frozen
    goldens = []
    for path in sorted(folder.glob("*.jinja")):
        for name, case in CASES.items():
            variables = {"add_generation_prompt": True, **TOKENS, **case}
            golden = {"template": path.name, "case": name, "variables": variables}
            try:
                golden["text"] = render(path.read_text(), **variables)
            except (jinja2.exceptions.TemplateError, AttributeError, TypeError) as error:
                golden["error"] = str(error)
            goldens.append(golden)
    made_by = f"transformers {transformers.__version__}, jinja2 {jinja2.__version__}"
    text = json.dumps({"made_by": made_by, "now": NOW.isoformat(), "goldens": goldens}, ensure_ascii=False, indent=1)
    (folder / "goldens.json").write_text(text + "\n")
    print(len(goldens), "goldens,", sum("error" in golden for golden in goldens), "errors")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else CHAT)
