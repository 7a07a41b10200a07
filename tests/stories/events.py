"""Invented news of Noran: two events reported by several papers in three languages, and others."""

from __future__ import annotations

from typing import NamedTuple


class Report(NamedTuple):
    """An article of a paper."""

    id: str
    source: str
    language: str
    published: str | None
    title: str
    text: str


BRIDGE = (
    Report(
        "bridge-ar",
        "صحيفة نوران",
        "ar",
        "2026-02-03T09:00:00+02:00",
        "انهيار جسر الحجر القديم في نوران ومقتل 12 عاملا",
        "انهار جسر الحجر القديم في مدينة نوران صباح الثلاثاء فقتل 12 عاملا كانوا يرممونه. وقال رئيس البلدية سالم الدرويش إن "
        "فرق الإنقاذ تبحث في النهر عن مفقودين.",
    ),
    Report(
        "bridge-ar2",
        "بوابة طرشة",
        "ar",
        "2026-02-03T12:30:00+02:00",
        "مقتل 15 عاملا في انهيار جسر الحجر بنوران",
        "ارتفع عدد قتلى انهيار جسر الحجر القديم في مدينة نوران إلى 15 عاملا كما أعلن المستشفى. ووعد وزير الأشغال إلياس درة بتحقيق "
        "في أعمال الترميم.",
    ),
    Report(
        "bridge-en",
        "The Noran Ledger",
        "en",
        "2026-02-03",
        "Old Stone Bridge in Noran collapses, killing 12 workers",
        "The Old Stone Bridge in the city of Noran collapsed on Tuesday morning and killed 12 workers who were repairing it. "
        "Mayor Salem Darwish said that rescuers were looking for the missing in the river.",
    ),
)
SCHOOL = (
    Report(
        "school-en",
        "The Noran Ledger",
        "en",
        "2026-02-03T15:00:00+02:00",
        "Council of Noran opens a school of music",
        "The council of Noran opened a school of music on Tuesday in the former bakery of Lamp Street. Two hundred pupils have "
        "enrolled, said its head, Layla Hamdan.",
    ),
    Report(
        "school-fr",
        "Le Courrier de Noran",
        "fr",
        "2026-02-03",
        "Le conseil de Noran inaugure une école de musique",
        "Le conseil de Noran a inauguré mardi une école de musique dans l'ancienne boulangerie de la rue des Lampes. Deux cents "
        "élèves y sont inscrits, selon sa directrice, Layla Hamdan.",
    ),
)
FISH = Report(
    "fish",
    "صحيفة نوران",
    "ar",
    "2026-02-03",
    "ارتفاع أسعار السمك في سوق طرشة",
    "ارتفعت أسعار السمك في سوق طرشة بعد أسبوع من الرياح منعت القوارب من الخروج إلى البحر.",
)
BRIDGE_AGAIN = Report(
    "bridge-later",
    "صحيفة نوران",
    "ar",
    "2026-02-04T08:00:00+02:00",
    "بدء التحقيق في انهيار جسر الحجر القديم في نوران",
    "بدأ النائب العام التحقيق في انهيار جسر الحجر القديم في مدينة نوران الذي قتل عمالا كانوا يرممونه صباح الثلاثاء.",
)
UNDATED = Report(
    "undated",
    "بوابة طرشة",
    "ar",
    None,
    "افتتاح حديقة الرمان في طرشة",
    "افتتحت بلدية طرشة حديقة الرمان بعد عامين من العمل، وفيها سبعون شجرة وبركة صغيرة.",
)
ALL = (*BRIDGE, *SCHOOL, FISH, BRIDGE_AGAIN, UNDATED)
