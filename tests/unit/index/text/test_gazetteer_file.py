"""The list of names that the project ships."""

from __future__ import annotations

import tomllib

import pytest

from index.text.gazetteer import Gazetteer, GazetteerConfig
from index.text.normalise import fold
from tests.fixtures.sample_articles import PROJECT

LIST = PROJECT / "config" / "names.toml"
RULES = GazetteerConfig.model_validate(tomllib.loads(LIST.read_text("utf-8")))
NAMES = Gazetteer(RULES)
GENERIC = [
    *("the government", "government", "council", "the council", "parliament", "army", "the army"),
    *("militia", "president", "committee", "commission", "mission", "gouvernement", "conseil"),
    *("le parlement", "armée", "comité", "un", "eu", "au", "is", "Saleh", "Salah", "Mohamed"),
    *("Ahmed", "Ali", "Khoury", "Issa", "Hassi", "الحكومة", "المجلس", "البرلمان", "الجيش"),
    *("الرئيس", "اللجنة", "المفوضية", "البعثة", "المنفى", "الخمس", "البيضاء", "القبة", "الفيل"),
    *("صالح", "خوري", "عيسى", "محمد", "أحمد", "علي", "الوفاق", "القاعدة"),
]


def test_file_has_many_names_of_every_kind() -> None:
    assert len(RULES.name) >= 170
    kinds = [name.kind for name in RULES.name]
    assert kinds.count("place") >= 60
    assert kinds.count("person") >= 60
    assert kinds.count("body") >= 60


def test_most_names_have_sources() -> None:
    assert sum(bool(name.seen) for name in RULES.name) > 0.75 * len(RULES.name)


def test_no_place_of_this_machine_is_named() -> None:
    places = [place for name in RULES.name for place in name.seen]
    assert not [place for place in places if place.startswith(("/", "file:", "~"))]


@pytest.mark.parametrize("word", GENERIC)
def test_generic_words_are_no_names(word: str) -> None:
    assert NAMES.find_entry_indices(word) == []


@pytest.mark.parametrize(
    "spellings",
    [
        "خليفة حفتر|حفتر|Khalifa Haftar|Hifter|Heftar|le maréchal Haftar|Khalifa Hafter",
        "صدام حفتر|Saddam Haftar",
        "الدبيبة|عبدالحميد الدبيبة|Dbeibah|Abdul Hamid Dbeiba|Abdelhamid al-Dabaiba|Dbaiba",
        "إبراهيم الدبيبة|Ibrahim Dbeibah|Ibrahim al-Dbeiba",
        "فائز السراج|فايز السراج|Fayez al-Sarraj|Serraj|Fayez el-Sarraj|Faïez Sarraj",
        "عقيلة صالح|Aguila Saleh|Ageela Saleh",
        "خالد المشري|Khaled al-Mishri|Khaled Mechri",
        "محمد المنفي|Mohamed al-Menfi|Mohammed el-Menfi|Menfi",
        "محمد تكالة|Mohammed Takala|Takala",
        "باشاغا|Bashagha|Fathi Bachagha",
        "أسامة حماد|Osama Hammad|Oussama Hamad",
        "القذافي|معمر القذافي|Gaddafi|Muammar Qaddafi|Mouammar Kadhafi|Gadhafi",
        "سيف الإسلام|Saif al-Islam|Seif al-Islam Kadhafi",
        "الصديق الكبير|Sadiq al-Kabir|Saddik el-Kebir",
        "صنع الله|Mustafa Sanalla|Sanallah",
        "غنيوة|عبدالغني الككلي|Ghneiwa|Abdelghani al-Kikli",
        "غسان سلامة|Ghassan Salamé|Ghassan Salame",
        "برناردينو ليون|Bernardino León|Bernardino Leon",
        "يان كوبيش|Ján Kubiš|Jan Kubis",
        "باتيلي|Abdoulaye Bathily|Bathily",
        "هانا تيتيه|Hanna Tetteh|Tetteh",
        "UNSMIL|البعثة الأممية|MANUL|بعثة الأمم المتحدة للدعم في ليبيا|l'Unsmil",
        "مجلس النواب|House of Representatives|Tobruk parliament|Chambre des représentants",
        "المجلس الأعلى للدولة|High Council of State|Haut Conseil d’État",
        "الجيش الوطني|LNA|ANL|Armée nationale libyenne|Libyan National Army",
        "المؤسسة الوطنية للنفط|NOC|National Oil Corporation",
        "مصرف ليبيا المركزي|Central Bank of Libya|Banque centrale de Libye",
        "حكومة الوفاق|GNA|Government of National Accord|gouvernement d’accord national",
        "حكومة الوحدة الوطنية|GNU|Government of National Unity|gouvernement d’unité nationale",
        "داعش|ISIS|Daesh|Daech|the IS group|groupe État islamique",
        "الاتحاد الأوروبي|the EU|European Union|l’UE",
        "الأمم المتحدة|the UN|l’ONU|Nations unies",
        "المحكمة الجنائية الدولية|ICC|la CPI",
        "اللجنة العسكرية المشتركة|5+5 Joint Military Commission|لجنة 5+5",
        "اللواء 444|444 Brigade|444e Brigade",
        "قوة الردع الخاصة|Special Deterrence Force|Rada",
        "طرابلس|Tripoli",
        "بنغازي|Benghazi",
        "مصراتة|Misrata|Misurata",
        "سرت|Sirte|Syrte|وسرت",
        "سبها|Sebha|Sabha",
        "طبرق|Tobruk|Tobrouk",
        "الزنتان|Zintan|Zenten",
        "زوارة|Zuwara|Zouara",
        "راس لانوف|Ras Lanuf|Ras Lanouf",
        "حقل الشرارة|Sharara|al-Charara",
        "برقة|Cyrenaica|Cyrénaïque",
        "فزان|Fezzan",
        "معيتيقة|Mitiga|Maitigua",
        "رأس جدير|Ras Ajdir|Ras Jedir",
    ],
)
def test_spellings_of_one_name_find_the_same_entry(spellings: str) -> None:
    found = [NAMES.find_entry_indices(f". {spelling} .") for spelling in spellings.split("|")]
    assert len(found[0]) == 1
    assert [one for one in found if one != found[0]] == []


@pytest.mark.parametrize(
    "text",
    [
        "فسرت الوزارة القرار",
        "كسرت الأرقام",
        "عاش في المنفى سنوات",
        "لغات العالم",
        "She is on the hunt for a job",
        "What is this and how do I feel",
        "Il a eu un rendez-vous au fil de l’eau",
    ],
)
def test_ordinary_words_are_no_mentions(text: str) -> None:
    assert NAMES.find_entry_indices(text) == []


def test_spellings_of_a_name_differ_in_more_than_case() -> None:
    for name in RULES.name:
        for spelled in (name.ar, name.en, name.fr):
            assert len({fold(spelling) for spelling in spelled}) == len(spelled), name.ar[0]
