"""Tell the words of offices and ranks, which may stand before a name."""

from __future__ import annotations

from index.text.normalise import fold
from index.text.spans import word_set
from index.text.terms import unprefixed_forms

_OFFICES = frozenset(
    fold(word)
    for word in word_set(
        "رئيس رئيسة وزير وزيرة قائد مشير لواء فريق عميد عقيد مقدم رائد نقيب جنرال مبعوث مبعوثة "
        "ممثل ممثلة سفير سفيرة قنصل نائب نائبة عضو ناطق ناطقة متحدث متحدثة أمين أمينة مدير مديرة "
        "محافظ مستشار مستشارة منسق منسقة مفتي شيخ زعيم ملك أمير مفوض مفوضة وكيل مندوب مندوبة "
        "مرشح عمدة حاكم مراقب",
        "president minister premier chairman chairwoman chief commander marshal general colonel "
        "major brigadier lieutenant admiral envoy representative ambassador spokesman spokeswoman "
        "spokesperson speaker head leader governor mayor secretary director adviser advisor "
        "deputy senator king prince sheikh mufti commissioner coordinator candidate mr mrs dr",
        "présidente ministre premier chef commandant maréchal général colonel amiral envoyé "
        "envoyée émissaire représentant représentante ambassadeur ambassadrice porte parole "
        "gouverneur maire secrétaire directeur directrice conseiller conseillère député roi "
        "cheikh commissaire coordinateur candidat dirigeant m mme",
    )
)


def is_office_word(folded: str) -> bool:
    """Return whether a folded word, with or without a prefix, is that of an office or a rank."""
    return not _OFFICES.isdisjoint(unprefixed_forms(folded))
