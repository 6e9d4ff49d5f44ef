"""How customers ask for a person: words by language, names of intents, and what a project adds to both.

Words are compared as prompts of an AI are: lower case, letters only, one space between words. A pattern stands for words within a
message, `=` before it for the whole message, `~` for writing without spaces between words, where it may begin anywhere.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping

from pydantic import BaseModel, ConfigDict, Field, field_validator

PHRASES: Mapping[str, tuple[str, ...]] = {
    "de": (
        "mit (?:einem|einer|dem|der|nem|ner) (?:echten |richtigen |menschlichen )?"
        "(?:menschen|mitarbeiter|mitarbeiterin|person|berater|beraterin|kundenberater|agenten|kollegen|kollegin) "
        "(?:sprechen|reden|chatten|telefonieren|verbinden|verbunden)",
        "mit jemande?m? (?:sprechen|reden|chatten|telefonieren|verbinden|verbunden)",
        "(?:echter|echten|richtiger|richtigen) mensch(?:en)?",
        "menschlicher? (?:mitarbeiter|berater|agent|ansprechpartner)",
        "=(?:ein )?(?:mensch|mitarbeiter|berater|agent|ansprechpartner)(?: bitte)?",
    ),
    "en": (
        "(?:speak|speaking|talk|talking|chat|chatting) (?:to|with) (?:an? |the |your |some )?(?:real |live |actual |human )*"
        "(?:human|person|people|agent|representative|rep|operator|advisor|adviser|someone|somebody|supervisor|manager)",
        "(?:connect|transfer|put) me (?:through )?(?:to|with) (?:an? |the |your |some )?(?:real |live |actual |human )*"
        "(?:human|person|agent|representative|rep|operator|advisor|adviser|someone|somebody|supervisor|manager)",
        "(?:want|need|give me|get me|like) (?:an? |the |some )?(?:real |live |actual |human )*"
        "(?:human|person|agent|representative|operator|advisor|adviser)",
        "(?:human|live|real) (?:agent|person|being|operator|representative|advisor|adviser)",
        "(?:someone|somebody|anyone|anybody|person|supervisor|manager) (?:else )?(?:that |who )?(?:i|we) (?:can|could|may|might) "
        "(?:speak|talk)",
        "=(?:an? )?(?:human|agent|representative|operator|person|advisor|adviser)(?: please)?",
    ),
    "es": (
        "(?:hablar|chatear|comunicarme) con (?:un |una |el |la |algun |alguna )?"
        "(?:humano|humana|persona|agente|asesor|asesora|operador|operadora|representante|ejecutivo|ejecutiva|alguien)",
        "persona real",
        "=(?:un |una )?(?:agente|humano|operador|operadora|asesor|asesora|persona)(?: por favor)?",
    ),
    "fr": (
        "(?:parler|discuter) (?:à|avec) (?:un |une |le |la )?(?:vrai |vraie )?"
        "(?:humain|personne|conseiller|conseillère|agent|opérateur|opératrice|quelqu un)",
        "(?:vrai humain|vraie personne)",
        "=(?:un |une )?(?:conseiller|conseillère|humain|agent|opérateur)(?: s il vous plaît)?",
    ),
    "it": (
        "parlare con (?:un |una |l |il |la )?(?:vero |vera )?"
        "(?:umano|persona|operatore|operatrice|agente|consulente|qualcuno)",
        "=(?:un |una )?(?:operatore|operatrice|umano|agente|persona)(?: per favore)?",
    ),
    "nl": (
        "(?:met )?(?:een |de |iemand|n )?(?:echt |echte )?(?:mens|persoon|medewerker|iemand|collega) "
        "(?:spreken|praten|chatten|doorverbonden|doorverbinden)",
        "(?:spreken|praten|chatten) met (?:een |de )?(?:echt |echte )?(?:mens|persoon|medewerker|iemand|collega)",
        "=(?:een )?(?:medewerker|mens)(?: alsjeblieft| alstublieft| graag)?",
    ),
    "pt": (
        "(?:falar|conversar) com (?:um |uma |o |a )?"
        "(?:humano|humana|pessoa|atendente|agente|operador|operadora|representante|alguém)",
        "=(?:um |uma )?(?:atendente|agente|humano|operador|pessoa)(?: por favor)?",
    ),
    "ja": ("~(?:人間|担当者|担当の方|オペレーター?|スタッフ)(?:と話|と直接|につな|に繋|に代わ|に変わ|を出し|をお願い)",),
    "zh": ("~(?:转人工|轉人工|人工客服|人工服务|人工服務|真人客服|找真人)",),
}  # fmt: skip
# Intents by which a bot understands that it is asked for a person: letters and digits only, without a closing "intent".
NAMES = (
    "agenthandoff", "agentrequest", "agenttransfer", "connecttoagent", "customerasked", "escalatetohuman", "handofftohuman",
    "humanagent", "humanhandoff", "liveagent", "requestagent", "requesthuman", "speakagent", "speaktoagent", "speaktohuman",
    "speaktoperson", "speaktorepresentative", "speakwithagent", "talktoagent", "talktohuman", "talktoperson",
    "talktorepresentative", "transfertoagent", "transfertohuman",
)  # fmt: skip
_WITHOUT_SPACES = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR")


class HandoffSettings(BaseModel):
    """What a project adds to the ways in which its customers ask for a person."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    request_phrases: dict[str, tuple[str, ...]] = Field(default_factory=dict)  # by language; words within a message
    request_intents: tuple[str, ...] = ()  # intents, states or tools, as the source names them

    @field_validator("request_phrases")
    @classmethod
    def _words(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        if empty := sorted({language for language, phrases in value.items() for p in phrases if not letters_of(p)}):
            raise ValueError(f"{', '.join(empty)}: a phrase has no letters")
        return value

    @field_validator("request_intents")
    @classmethod
    def _names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if [name for name in value if not bare_name(name)]:
            raise ValueError("a name has neither letters nor digits of the Latin alphabet")
        return value

    @property
    def pattern(self) -> str:
        """A regular expression for what `letters_of` makes of a message, with a space before and behind."""
        own = [_own_pattern(p) for phrases in self.request_phrases.values() for p in phrases]
        known = [p for phrases in PHRASES.values() for p in phrases] + sorted(own)
        within = [p for p in known if p[0] not in "=~"]
        whole, anywhere = _marked(known, "="), _marked(known, "~")
        return "|".join([f" (?:{'|'.join(within)}) ", f"^ (?:{'|'.join(whole)}) $", *anywhere])

    @property
    def names(self) -> str:
        """Every name by which an event says that a person was asked for, with a comma before and behind each."""
        return f",{','.join(sorted({*NAMES, *map(bare_name, self.request_intents)}))},"


def letters_of(text: str) -> str:
    """Lower case, letters and their marks only, one space between words."""
    bare = "".join(c if unicodedata.category(c)[0] in "LM" else " " for c in text.lower())
    return " ".join(bare.split())


def bare_name(name: str) -> str:
    """The name of an intent as it is compared: `AMAZON.Speak_To-AgentIntent` → `amazonspeaktoagent`."""
    return re.sub(r"[^a-z0-9]+", "", name.lower()).removesuffix("intent")


def _own_pattern(phrase: str) -> str:
    letters = letters_of(phrase)
    unspaced = any(unicodedata.name(c, "").startswith(_WITHOUT_SPACES) for c in letters)
    return f"~{letters}" if unspaced else letters


def _marked(patterns: Iterable[str], mark: str) -> list[str]:
    return [p[1:] for p in patterns if p[0] == mark]
