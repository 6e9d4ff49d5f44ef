"""People are hidden here, before anything is stored: keyed pseudonyms for identifiers, masks for personal data in words.

Pseudonyms are `<letter of the kind>_<24 hex digits>`; the same person gets the same one as long as the key is the same.
What is masked in words, and how, has a folder of its own: `masking`.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import duckdb
import pyarrow as pa

from cxreports.definitions.model import Column, Table
from cxreports.intake.masking.first_pass import SUSPECT
from cxreports.intake.masking.kept import UUID
from cxreports.intake.masking.mask import Rules, find, mask_text
from cxreports.intake.phones import SCHEME, normal_phone

WITHHELD_WORDS = frozenset({"anonymous", "restricted", "private", "unavailable", "unknown", "withheld", "blocked"})
# What carriers send for ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN, UNAVAILABLE, spelled on a telephone's keys.
WITHHELD_NUMBERS = frozenset({"266696687", "7378742833", "2562533", "8656696", "86282452253"})
KINDS = ("account", "email", "phone", "cookie")
# An id is suspect only where it could be an address or a card: most ids are long numbers, and are left alone.
SUSPECT_ID = r"@|(?:\p{Nd}[ -]?){13}"
MAX_EXCERPT = 120
MOST_KNOWN = 20_000  # values whose pseudonym or mask is remembered, of each function: memory must not grow with the file,
LONGEST_KNOWN = 1_000  # nor with the length of what people write (characters)
_MASKED = pa.struct([("text", pa.string()), ("kinds", pa.string())])
# What stays as it is: a mark of ours, a key of JSON that looks like the name of a field.
_SHAPED = re.compile(r"(\[[A-Z_]+\]|\"[A-Za-z_@#][A-Za-z_.-]{0,40}\d{0,2}\"\s*:)|([^\W\d_]+)|\d+")


def pseudonym(kind: str, value: str | None, key: bytes, region: str | None) -> str | None:
    """The pseudonym of one identifier (kind: account, email, phone, cookie); None where it names nobody."""
    normal = normalised(kind, value, region)
    if normal is None:
        return None
    return _token(kind[0], f"{kind}:{normal}", key)


def _token(letter: str, message: str, key: bytes) -> str:
    """HMAC with the first line of the key, and of what comes out with each line that a rotation has added."""
    first, *added = key.split(b"\n")
    token = f"{letter}_{_hmac(first, message)}"
    for line in added:
        token = rekeyed(token, line)
    return token


def rekeyed(token: str, added: bytes) -> str:
    """The pseudonym that stands for `token` after a rotation to that key: equal before, equal after."""
    return f"{token[0]}_{_hmac(added, token)}"


def _hmac(key: bytes, message: str) -> str:
    return hmac.new(key, message.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:24]


def key_check(key: bytes) -> str:
    """What tells one key from another without telling it: the pseudonym of a constant."""
    return _token("k", "check:cxreports", key)


def added_since(key: bytes, check: str) -> list[bytes] | None:
    """The lines of the key that a rotation has yet to apply to a lake with that check; None if it was made with another key."""
    lines = key.split(b"\n")
    return next((lines[n:] for n in range(len(lines), 0, -1) if key_check(b"\n".join(lines[:n])) == check), None)


def install_rekey(con: duckdb.DuckDBPyConnection, added: Sequence[bytes]) -> None:
    """Give the connection `cx_rekey`: a pseudonym in, the one after those rotations out."""

    def rekey(token: str) -> str:
        for line in added:
            token = rekeyed(token, line)
        return token

    _install(con, {"cx_rekey": rekey})


def normalised(kind: str, value: str | None, region: str | None) -> str | None:
    """One spelling for one identifier: phones as E.164, e-mails in lower case; None where withheld or empty."""
    text = (value or "").strip()
    if not text or is_withheld(text):
        return None
    if kind == "phone":
        return normal_phone(text, region)
    return text.lower() if kind == "email" else text


def is_withheld(value: str) -> bool:
    """Whether a customer's number or name is one of the words or numbers that stand for 'not shown'."""
    bare = SCHEME.sub("", value.strip()).partition("@")[0].strip().lower()
    return bare in WITHHELD_WORDS or bare.lstrip("+0") in WITHHELD_NUMBERS or not bare


def mask(text: str, region: str | None, national_ids: Sequence[str]) -> str:
    """The text with personal data replaced by marks."""
    return mask_text(text, Rules(region, tuple(national_ids))).text


def hidden_id(value: str, key: bytes) -> str:
    """A source's own id of a record: as it is, or a pseudonym `i_<24 hex digits>` where it holds a card or an e-mail address."""
    is_uuid = UUID.fullmatch(value) is not None  # nobody's card, even one without a single letter
    if is_uuid or not any(kind in ("CARD", "EMAIL") for kind, _ in find(value, Rules(None, ()))):
        return value
    return _token("i", f"id:{value}", key)


def excerpt(text: str, region: str | None, national_ids: Sequence[str]) -> str:
    """How a damaged record begins, without what anybody said: masked as any text, and then of all words but the keys of JSON
    only the shape, letters as x and digits as 9. Names and account numbers stand anywhere in a record that nobody could read."""
    masked = " ".join(mask(text, region, national_ids).split())
    return _SHAPED.sub(_shape, masked)[:MAX_EXCERPT]


def _shape(match: re.Match[str]) -> str:
    kept, letters = match.group(1), match.group(2)
    return kept or ("x" if letters else "9") * len(match.group())


def install(con: duckdb.DuckDBPyConnection, key: bytes, region: str | None, national_ids: Sequence[str]) -> None:
    """Give the connection the functions that `hidden` uses."""
    rules = Rules(region, tuple(national_ids))
    functions: dict[str, Callable[[str], str | None]] = {
        "cx_id": lambda value: hidden_id(value, key),
        "cx_excerpt": lambda text: excerpt(text, region, national_ids),
    }
    for kind in KINDS:
        functions[f"cx_{kind}"] = _pseudonymiser(kind, key, region)
    _install(con, functions)
    _give(con, "cx_masked", _vectorised(lambda text: _masked(text, rules), _MASKED), "STRUCT(text VARCHAR, kinds VARCHAR)")


def _masked(text: str, rules: Rules) -> dict[str, str | None]:
    """The masked text, and each kind as often as it was found, with commas in between (None where nothing was)."""
    masked = mask_text(text, rules)
    kinds = ",".join(kind for kind, n in masked.counts.items() for _ in range(n))
    return {"text": masked.text, "kinds": kinds or None}


def _install(con: duckdb.DuckDBPyConnection, functions: Mapping[str, Callable[[str], str | None]]) -> None:
    for name, function in functions.items():
        _give(con, name, _vectorised(function, pa.string()), "VARCHAR")


def _give(con: duckdb.DuckDBPyConnection, name: str, function: Callable[[pa.ChunkedArray], pa.Array], returns: str) -> None:
    with suppress(duckdb.Error):  # absent on the first run of a connection
        con.remove_function(name)
    con.create_function(  # type: ignore[call-overload]
        name, function, ["VARCHAR"], returns, type="arrow", null_handling="special"
    )


def _pseudonymiser(kind: str, key: bytes, region: str | None) -> Callable[[str], str | None]:
    return lambda value: pseudonym(kind, value, key, region)


def _vectorised(function: Callable[[str], Any], type_: pa.DataType) -> Callable[[pa.ChunkedArray], pa.Array]:
    """The function over a column of texts; NULL stays NULL. What it said of a value lately it need not work out again."""
    known: dict[str | None, Any] = {None: None}

    def all_of(values: pa.ChunkedArray) -> pa.Array:
        out = []
        for value in values.to_pylist():
            if value in known:
                out.append(known[value])
                continue
            found = function(value)
            out.append(found)
            if len(value) <= LONGEST_KNOWN:
                if len(known) > MOST_KNOWN:
                    known.clear()
                    known[None] = None
                known[value] = found
        return pa.array(out, type_)

    return all_of


def hidden(column: Column, value: str, found: str) -> str:
    """SQL for what is stored of a column: its pseudonym, its masked words, or the value itself.

    `found`: SQL for what `masking` made of words; NULL where there was nothing to mask.
    """
    if column.privacy == "pseudonym":
        return f"cx_{column.name.removesuffix('_key')}({value})"
    if column.privacy == "id":
        return hidden_key(value)
    if is_masked(column):
        return f"coalesce(({found}).text, {value})"
    return value


def is_masked(column: Column) -> bool:
    """Whether it holds words, in which personal data are looked for."""
    return column.privacy in ("label", "text")


def masking(value: str) -> str:
    """SQL for what masking makes of words: the `text` and the `kinds` found."""
    return f"cx_masked({value})"


def suspect(values: Sequence[str]) -> str:
    """SQL for whether any of those words could hold something to mask. All in one: the pattern takes 18 ms to compile."""
    return f"regexp_matches(concat_ws(' zz ', {', '.join(values)}), '{SUSPECT}')" if values else "false"


def count_masked(con: duckdb.DuckDBPyConnection, into: str, table: Table, rows: str, source: str) -> None:
    """Note what `masking` found in those rows (`masked_<column>`): per record, column and kind, how many."""
    names = [c.name for c in table.columns if is_masked(c)]
    if not names:
        return
    hits = " union all ".join(
        f"select file_id, position, '{table.name}.{name}' as column_name, masked_{name}.kinds as kinds from {rows} "
        f"where masked_{name} is not null"
        for name in names
    )
    con.execute(
        f"""
        insert into {into}
        with
        hits as ({hits}),
        found as (select file_id, position, column_name, unnest(string_split(kinds, ',')) as kind from hits)
        select $source, file_id, position, column_name, kind, count(*)
        from found
        group by all
        """,
        {"source": source},
    )


def hidden_key(value: str) -> str:
    """SQL for what is stored of an id or a key of a record."""
    return f"case when regexp_matches({value}, '{SUSPECT_ID}') then cx_id({value}) else {value} end"


def withheld(phone: str) -> str:
    """SQL for whether a telephone number (SQL) is withheld: NULL where there is none at all."""
    return f"case when {phone} is not null then cx_phone({phone}) is null end"
