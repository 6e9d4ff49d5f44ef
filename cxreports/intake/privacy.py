"""People are hidden here, before anything is stored: keyed pseudonyms for identifiers, masks for personal data in words.

Pseudonyms are `<letter of the kind>_<24 hex digits>`; the same person gets the same one as long as the key is the same.
What is masked in words, and how, has a folder of its own: `masking`.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache

import duckdb
import phonenumbers
import pyarrow as pa

from cxreports.definitions.model import Column, Table
from cxreports.intake.masking.first_pass import SUSPECT
from cxreports.intake.masking.mask import Rules, find, mask_text

WITHHELD_WORDS = frozenset({"anonymous", "restricted", "private", "unavailable", "unknown", "withheld", "blocked"})
# What carriers send for ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN, UNAVAILABLE, spelled on a telephone's keys.
WITHHELD_NUMBERS = frozenset({"266696687", "7378742833", "2562533", "8656696", "86282452253"})
KINDS = ("account", "email", "phone", "cookie")
# An id is suspect only where it could be an address or a card: most ids are long numbers, and are left alone.
SUSPECT_ID = r"@|(?:\p{Nd}[ -]?){13}"
MAX_EXCERPT = 120
MOST_KNOWN = 500_000  # values whose pseudonym or mask is remembered
_COUNTS = "source varchar, file_id varchar, position bigint, column_name varchar, kind varchar, n bigint"
# What stays as it is: a mark of ours, a key of JSON that looks like the name of a field.
_SHAPED = re.compile(r"(\[[A-Z_]+\]|\"[A-Za-z_@#][A-Za-z_.-]{0,40}\d{0,2}\"\s*:)|([^\W\d_]+)|\d+")
_SCHEME = re.compile(r"^(?:tel|sip|sips):", re.IGNORECASE)


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
        return _phone(text, region)
    return text.lower() if kind == "email" else text


def is_withheld(value: str) -> bool:
    """Whether a customer's number or name is one of the words or numbers that stand for 'not shown'."""
    bare = _SCHEME.sub("", value.strip()).partition("@")[0].strip().lower()
    return bare in WITHHELD_WORDS or bare.lstrip("+0") in WITHHELD_NUMBERS or not bare


@lru_cache(maxsize=200_000)
def _phone(text: str, region: str | None) -> str:
    bare = _SCHEME.sub("", text).partition("@")[0].strip()
    if bare.startswith("00"):
        bare = "+" + bare[2:]
    try:
        number = phonenumbers.parse(bare, region)
    except phonenumbers.NumberParseException:
        return re.sub(r"[^0-9a-z+]", "", bare.lower()) or bare.lower()
    if not phonenumbers.is_possible_number(number):
        return re.sub(r"[^0-9a-z+]", "", bare.lower()) or bare.lower()
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def mask(text: str, region: str | None, national_ids: Sequence[str]) -> str:
    """The text with personal data replaced by marks."""
    return mask_text(text, Rules(region, tuple(national_ids))).text


def hidden_id(value: str, key: bytes) -> str:
    """A source's own id of a record: as it is, or a pseudonym `i_<24 hex digits>` where it holds a card or an e-mail address."""
    if not any(kind in ("CARD", "EMAIL") for kind, _ in find(value, Rules(None, ()))):
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
    """Give the connection the functions that `hidden` uses. Each distinct value is worked out once."""
    rules = Rules(region, tuple(national_ids))
    masked = lru_cache(MOST_KNOWN)(lambda text: mask_text(text, rules))  # one look at a text gives its words and its counts
    con.execute(f"create or replace temp table new_masked ({_COUNTS})")
    functions: dict[str, Callable[[str], str | None]] = {
        "cx_mask": lambda text: masked(text).text,
        "cx_kinds": lambda text: _kinds(masked(text).counts),
        "cx_id": lambda value: hidden_id(value, key),
        "cx_excerpt": lambda text: excerpt(text, region, national_ids),
    }
    for kind in KINDS:
        functions[f"cx_{kind}"] = _pseudonymiser(kind, key, region)
    _install(con, functions)


def _install(con: duckdb.DuckDBPyConnection, functions: Mapping[str, Callable[[str], str | None]]) -> None:
    for name, function in functions.items():
        with suppress(duckdb.Error):  # absent on the first run of a connection
            con.remove_function(name)
        con.create_function(  # type: ignore[call-overload]
            name, _vectorised(function), ["VARCHAR"], "VARCHAR", type="arrow", null_handling="special"
        )


def _pseudonymiser(kind: str, key: bytes, region: str | None) -> Callable[[str], str | None]:
    return lambda value: pseudonym(kind, value, key, region)


def _vectorised(function: Callable[[str], str | None]) -> Callable[[pa.ChunkedArray], pa.Array]:
    known: dict[str | None, str | None] = {None: None}

    def all_of(values: pa.ChunkedArray) -> pa.Array:
        if len(known) > MOST_KNOWN:  # millions of callers must not fill the memory
            known.clear()
            known[None] = None
        out = []
        for value in values.to_pylist():
            if value not in known:
                known[value] = function(value)
            out.append(known[value])
        return pa.array(out, pa.string())

    return all_of


def hidden(column: Column, value: str) -> str:
    """SQL for what is stored of a column: its pseudonym, its masked words, or the value itself."""
    if column.privacy == "pseudonym":
        return f"cx_{column.name.removesuffix('_key')}({value})"
    if column.privacy == "id":
        return hidden_key(value)
    if column.privacy in ("label", "text"):
        return f"case when regexp_matches({value}, '{SUSPECT}') then cx_mask({value}) else {value} end"
    return value


def count_masked(con: duckdb.DuckDBPyConnection, table: Table, rows: str, source: str) -> None:
    """Note in `new_masked` what is masked in those rows, which are not masked yet: per record, column and kind, how many."""
    looked_at = [c.name for c in table.columns if c.privacy in ("label", "text")]
    if not looked_at:
        return
    hits = " union all ".join(
        f"select file_id, position, '{table.name}.{name}' as column_name, {name} as words from {rows} "
        f"where regexp_matches({name}, '{SUSPECT}')"
        for name in looked_at
    )
    con.execute(
        f"""
        with
        hits as ({hits}),
        kinds as (select file_id, position, column_name, unnest(string_split(cx_kinds(words), ',')) as kind from hits)
        insert into new_masked
        select $source, file_id, position, column_name, kind, count(*)
        from kinds
        group by all
        """,
        {"source": source},
    )


def _kinds(counts: Mapping[str, int]) -> str | None:
    """Each kind as often as it was found, with commas in between; None where nothing was."""
    return ",".join(kind for kind, n in counts.items() for _ in range(n)) or None


def hidden_key(value: str) -> str:
    """SQL for what is stored of an id or a key of a record."""
    return f"case when regexp_matches({value}, '{SUSPECT_ID}') then cx_id({value}) else {value} end"


def withheld(phone: str) -> str:
    """SQL for whether a telephone number (SQL) is withheld: NULL where there is none at all."""
    return f"case when {phone} is not null then cx_phone({phone}) is null end"
