"""Writes what CPython's str and re say of every code point, tab-separated, to standard output.

Lines: `space FROM TO` (str.isspace), `word FROM TO` (\\w of re), `unassigned FROM TO` (category Cn),
`lower CODE_POINT RESULT...` (str.lower, where it changes something). Numbers are hexadecimal, ranges
inclusive. Surrogates are left out.
"""

import re
import sys
import unicodedata

KINDS = {
    "space": str.isspace,
    "word": lambda c: re.match(r"\w", c) is not None,
    "unassigned": lambda c: unicodedata.category(c) == "Cn",
}


def ranges(holds):
    start = None
    for code in range(sys.maxunicode + 2):
        inside = code <= sys.maxunicode and not 0xD800 <= code <= 0xDFFF and holds(chr(code))
        if inside and start is None:
            start = code
        elif not inside and start is not None:
            yield start, code - 1
            start = None


def main():
    for kind, holds in KINDS.items():
        for first, last in ranges(holds):
            print(kind, f"{first:x}", f"{last:x}", sep="\t")
    for code in range(sys.maxunicode + 1):
        lower = chr(code).lower()
        if lower != chr(code):
            print("lower", f"{code:x}", *(f"{ord(c):x}" for c in lower), sep="\t")


if __name__ == "__main__":
    main()
