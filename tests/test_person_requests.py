"""Ways to ask for a person: what counts, what does not, and what a project adds."""

import re
from hashlib import sha256
from pathlib import Path

import pytest

from cxreports.errors import SettingsError
from cxreports.lake.engine import connect
from cxreports.person_requests import HandoffSettings, bare_name, letters_of
from cxreports.settings import read_settings

ASKS = """
Can I SPEAK to a real person?!
talk to an agent
connect me to someone
put me through to a manager, please
Agent.
human please
I need a human
I'd like an agent
is this a live person
Is there someone else I could speak to about this?
I would appreciate speaking with someone
Ich möchte mit einem Mitarbeiter sprechen
mit jemandem reden
Mitarbeiter bitte
je veux parler à un conseiller
Conseiller s'il vous plaît
quiero hablar con una persona
operador por favor
vorrei parlare con un operatore
operatore
kan ik een medewerker spreken
quero falar com um atendente
担当者と話したい
我要转人工
人工客服
""".strip().splitlines()
DOES_NOT = """
my agent said so
I spoke to an agent yesterday
the person at the desk
human resources
agents are nice
I would prefer not to be transferred to another agent
someone else might need the seat
the operator manual
talk to my travel agent about it
ein Mensch ist krank
la personne est malade
la persona que llamó
人間ドック
...
""".strip().splitlines()


def asks(text: str, settings: HandoffSettings) -> bool:
    return bool(re.search(settings.pattern, f" {letters_of(text)} "))


@pytest.mark.parametrize("text", ASKS)
def test_this_asks_for_a_person(text: str) -> None:
    assert asks(text, HandoffSettings())


@pytest.mark.parametrize("text", DOES_NOT)
def test_this_does_not(text: str) -> None:
    assert not asks(text, HandoffSettings())


def test_a_project_adds_words_and_intents() -> None:
    own = HandoffSettings(
        request_phrases={"en": ("Get me Mildred!",), "th": ("เจ้าหน้าที่",)}, request_intents=("AMAZON.Q_Desk-Intent",)
    )
    assert asks("please get me MILDRED now", own) and not asks("please get me Mildreds", own)
    assert asks("ขอคุยกับเจ้าหน้าที่ครับ", own)
    assert ",amazonqdesk," in own.names and not asks("get me mildred", HandoffSettings())


def test_the_engine_reads_the_pattern_as_python_does() -> None:
    con, pattern = connect(), HandoffSettings().pattern
    for text in [*ASKS, *DOES_NOT]:
        said = f" {letters_of(text)} "
        assert con.execute("select regexp_matches($1, $2)", [said, pattern]).fetchall() == [(asks(text, HandoffSettings()),)]


@pytest.mark.parametrize(
    ("name", "bare"), [("SpeakToAgentIntent", "speaktoagent"), ("Speak_To-Agent", "speaktoagent"), ("...", "")]
)
def test_names_of_intents_are_compared_without_their_spelling(name: str, bare: str) -> None:
    assert bare_name(name) == bare


def test_phrases_and_intents_without_letters_are_refused_with_their_line(tmp_path: Path) -> None:
    (tmp_path / "cxreports.toml").write_text(
        '[project]\nname = "x"\ntimezone = "UTC"\n[handoffs]\nrequest_intents = ["?"]\n[handoffs.request_phrases]\nen = ["42"]\n'
    )
    with pytest.raises(SettingsError) as refused:
        read_settings(tmp_path)
    assert list(refused.value.faults) == [
        "cxreports.toml:6: handoffs.request_phrases: en: a phrase has no letters",
        "cxreports.toml:5: handoffs.request_intents: a name has neither letters nor digits of the Latin alphabet",
    ]


def test_other_words_for_a_person_are_another_version_of_the_handoffs() -> None:
    """If this fails: raise the version of sql/outcomes/out_handoffs.sql once 0.1.0 is out, and put the new digest here."""
    known = sha256((HandoffSettings().pattern + HandoffSettings().names).encode()).hexdigest()[:16]
    assert known == "ff1969ec5081a38f"
