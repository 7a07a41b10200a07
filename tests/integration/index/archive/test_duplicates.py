from __future__ import annotations

from index.archive import Archive
from index.dedup.near_duplicates import DuplicateKind
from tests.fixtures.sample_articles import PORT, SCHOOL, OpenArchive, draft

BRIDGE = (
    "افتتح رئيس بلدية نوران سالم الدرويش صباح الأحد الجسر الجديد الذي يربط ضفتي وادي الزيتون، بعد عامين "
    "من العمل.\nوبلغت كلفة الجسر 12 مليون دينار، وشارك في بنائه 340 عاملا من المدينة وجوارها.\nوقال "
    "الدرويش إن الجسر سيقصر الطريق بين السوق القديم والميناء، وإن الحافلات ستعبره ابتداء من الأسبوع "
    "المقبل.\nوطالب سكان الحي الغربي بإنارة الطريق المؤدي إليه قبل حلول الشتاء."
)


def found(
    archive: Archive, article_id: str, text: str, **fields: object
) -> dict[str, DuplicateKind]:
    copies = archive.find_duplicates(draft(article_id, text, **fields))
    return {copy.article.id: copy.kind for copy in copies}


def test_the_same_text_under_another_byline_is_a_copy(archive: Archive) -> None:
    archive.add(
        draft("bridge", f"وكالة نوران: الأحد 1 فبراير 2026\n{BRIDGE}\nاقرأ أيضا: افتتاح السوق")
    )
    archive.add(draft("port", PORT))
    assert found(archive, "other", f"صدى نوران | 2 فبراير 2026 14:10\n{BRIDGE}") == {
        "bridge": DuplicateKind.TEXT
    }


def test_a_light_edit_is_a_copy_and_another_number_is_not(archive: Archive) -> None:
    archive.add(draft("bridge", BRIDGE))
    edited = "عاجل: " + BRIDGE.replace("صباح", "").replace("،", " -").replace("إن", "ان")
    assert found(archive, "other", edited) == {"bridge": DuplicateKind.EDITED}
    assert found(archive, "other", edited.replace("340", "430")) == {}


def test_the_same_page_under_another_link_is_a_copy_whatever_it_says(archive: Archive) -> None:
    archive.add(draft("bridge", BRIDGE, url="https://noran.example/news/7?utm_source=x"))
    archive.add(draft("text", SCHOOL))
    assert found(archive, "other", SCHOOL, url="http://www.noran.example/news/7/") == {
        "bridge": DuplicateKind.ADDRESS,
        "text": DuplicateKind.TEXT,
    }


def test_the_same_text_under_another_title_address_and_day_is_no_copy(archive: Archive) -> None:
    archive.add(
        draft("1", BRIDGE, title="جسر نوران", url="https://noran.example/1", published="2026-02-01")
    )
    other = {"title": "أخبار الاثنين", "url": "https://noran.example/2"}
    assert found(archive, "2", BRIDGE, **other, published="2026-02-09") == {}
    assert found(archive, "2", f"عاجل: {BRIDGE}", **other, published="2026-02-09") == {}
    assert found(archive, "2", BRIDGE, **other, published="2026-02-01").keys() == {"1"}


def test_an_article_is_no_copy_of_itself_nor_of_one_that_was_removed(archive: Archive) -> None:
    archive.add(draft("bridge", BRIDGE, url="https://noran.example/7"))
    again = draft("other", BRIDGE, url="https://noran.example/7")
    assert archive.find_duplicates(draft("bridge", BRIDGE, url="https://noran.example/7")) == []
    archive.remove("bridge")
    assert archive.find_duplicates(again) == []
    archive.restore("bridge")
    assert [copy.article.id for copy in archive.find_duplicates(again)] == ["bridge"]


def test_an_article_is_known_by_what_it_was_changed_to(archive: Archive) -> None:
    archive.add(draft("news", BRIDGE))
    archive.edit("news", text=SCHOOL, url="https://noran.example/school")
    assert found(archive, "other", BRIDGE) == {}
    assert found(archive, "other", SCHOOL) == {"news": DuplicateKind.TEXT}
    assert found(archive, "other", PORT, url="https://noran.example/school") == {
        "news": DuplicateKind.ADDRESS
    }


def test_another_process_finds_the_copies_too(archive: Archive, open_archive: OpenArchive) -> None:
    beside = open_archive()
    archive.add(draft("bridge", BRIDGE))
    assert found(beside, "other", BRIDGE) == {"bridge": DuplicateKind.TEXT}
