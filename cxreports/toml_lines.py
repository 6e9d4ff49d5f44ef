"""Where every table, key and array item of a TOML text stands: `tomllib` reads values and forgets their lines."""

import re
import tomllib

Place = tuple[str, ...]
_TOKEN = re.compile(
    r"""
    \#[^\n]* | [ \t\r]+ | \n
    | \"{3} (?:[^\\]|\\.)*? \"{3,5} | '{3} .*? '{3,5}
    | "(?:[^"\\\n]|\\.)*" | '[^'\n]*'
    | [\[\]{}=,] | [^\s\[\]{}=,\#"']+
    """,
    re.DOTALL | re.VERBOSE,
)


def lines_of(text: str) -> dict[Place, int]:
    """Place of every table, key and array item in a text that is TOML → its line."""
    return _Lines(text).found


class _Lines:
    """Walks over the tokens of a valid TOML text; `tomllib` does not tell where things stand."""

    def __init__(self, text: str) -> None:
        self.found: dict[Place, int] = {}
        self._tables: dict[Place, int] = {}  # [[…]] → the number of its newest item
        self._line = 1
        self._tokens = [(m.group(), self._line_at(m.group())) for m in _TOKEN.finditer(text)]
        self._tokens = [t for t in self._tokens if t[0][0] not in "# \t"]
        self._at = 0
        table: Place = ()
        while self._at < len(self._tokens):
            if self._peek() == "\n":
                self._at += 1
            elif self._peek() == "[":
                table = self._header()
            else:
                self._pair(table)

    def _line_at(self, token: str) -> int:
        line, self._line = self._line, self._line + token.count("\n")
        return line

    def _peek(self) -> str:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else "\n"

    def _header(self) -> Place:
        line, begins = self._tokens[self._at][1], self._at
        while self._peek() == "[":
            self._at += 1
        is_item = self._at - begins == 2
        *above, name = self._key("]")
        table: Place = (*self._items(above), name)
        while self._peek() == "]":
            self._at += 1
        if is_item:
            self._tables[table] = self._tables.get(table, -1) + 1
            table = (*table, str(self._tables[table]))
        elif table in self._tables:
            table = (*table, str(self._tables[table]))
        self._note(table, line)
        return table

    def _items(self, names: list[str]) -> Place:
        """The place that a header means: within the newest item of every [[…]] above."""
        place: Place = ()
        for name in names:
            place = (*place, name)
            if place in self._tables:
                place = (*place, str(self._tables[place]))
        return place

    def _key(self, end: str) -> Place:
        parts: list[str] = []
        while self._peek() not in (end, "\n"):
            word = self._peek()
            if word[0] in "\"'":
                parts.append(_unquoted(word))
            else:
                parts += [part for part in word.split(".") if part]
            self._at += 1
        return tuple(parts)

    def _pair(self, base: Place) -> None:
        line = self._tokens[self._at][1]
        place = base + self._key("=")
        self._note(place, line)
        self._at += 1
        self._value(place)

    def _value(self, place: Place) -> None:
        opening = self._peek()
        self._at += 1
        if opening not in ("[", "{"):
            return
        n = 0
        while self._peek() not in ("]", "}") and self._at < len(self._tokens):
            if self._peek() in ("\n", ","):
                self._at += 1
            elif opening == "{":
                self._pair(place)
            else:
                self._note((*place, str(n)), self._tokens[self._at][1])
                self._value((*place, str(n)))
                n += 1
        self._at += 1

    def _note(self, place: Place, line: int) -> None:
        for n in range(1, len(place) + 1):
            self.found.setdefault(place[:n], line)


def _unquoted(word: str) -> str:
    return next(iter(tomllib.loads(f"{word} = 0")))
