"""Time zones by what people write of where they are, and by location."""

from __future__ import annotations

import subprocess
import sys
from zlib import crc32
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.digest.timezones.cities import CityIndex, GeoPlace, cities, known_zones
from bot.digest.timezones.lookup import TimezoneMatch, find_zones, warm_up, zone_at, zone_label
from bot.i18n.languages import UI_LANGUAGES, UiLanguage
from tests.fixtures.sample_articles import PROJECT


def test_a_warm_up_loads_the_table_of_cities() -> None:
    warm_up()
    assert cities.cache_info().currsize == 1


@pytest.mark.parametrize(
    ("query", "name", "zone", "country"),
    [
        ("Benghazi", "Benghazi", "Africa/Tripoli", "LY"),
        ("بنغازي", "بنغازي", "Africa/Tripoli", "LY"),
        ("Londres", "Londres", "Europe/London", "GB"),
        ("لندن", "لندن", "Europe/London", "GB"),
        ("New York", "New York", "America/New_York", "US"),
        ("نيويورك", "نيويورك", "America/New_York", "US"),
        ("واشنطن", "واشنطن", "America/New_York", "US"),
        ("شنغهاي", "شنغهاي", "Asia/Shanghai", "CN"),
        ("Le Caire", "Le Caire", "Africa/Cairo", "EG"),
        ("القاهرة", "القاهرة", "Africa/Cairo", "EG"),
        ("Berlin", "Berlin", "Europe/Berlin", "DE"),
        ("Paris", "Paris", "Europe/Paris", "FR"),
        ("روما", "روما", "Europe/Rome", "IT"),
        ("تونس", "تونس", "Africa/Tunis", "TN"),
        ("El Paso", "El Paso", "America/Denver", "US"),
        ("Rome", "Rome", "Europe/Rome", "IT"),
    ],
)
def test_a_city_is_known_in_three_languages_and_small_namesakes_are_left_out(
    query: str, name: str, zone: str, country: str
) -> None:
    assert find_zones(query) == [TimezoneMatch(name, zone, country)]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("  BERLIN ", "Berlin"),
        ("new-york", "New York"),
        ("newyork", "New York"),
        ("نيو يورك", "نيويورك"),
        ("قاهره", "قاهره"),
        ("قاهرة", "القاهرة"),
        ("القاهره", "القاهرة"),
        ("أسطنبول", "اسطنبول"),
        ("genève", "Genève"),
        ("geneve", "Geneve"),
        ("بيضاء", "البيضاء"),
        ("mecque", "La Mecque"),
        ("n djamena", "N'Djamena"),
        ("Sanʿa", "San'a"),
    ],
)
def test_case_accents_hamza_articles_hyphens_and_spaces_are_forgiven(query: str, name: str) -> None:
    assert find_zones(query)[0].name == name


@pytest.mark.parametrize(
    "query",
    ["الكفرة", "Kufra", "ترهونة", "غدامس", "غات", "سبها", "Sebha", "مصراته", "زاوية", "درنة"],
)
def test_towns_of_libya_are_known_small_ones_too(query: str) -> None:
    [place] = find_zones(query)
    assert place.zone == "Africa/Tripoli"
    assert place.country == "LY"


@pytest.mark.parametrize("query", ["Tripoli", "طرابلس"])
def test_both_tripolis_are_offered_the_libyan_one_first(query: str) -> None:
    assert find_zones(query) == [
        TimezoneMatch(query, "Africa/Tripoli", "LY"),
        TimezoneMatch(query, "Asia/Beirut", "LB"),
    ]


def test_a_large_city_that_geonames_does_not_name_in_arabic_goes_before_its_namesakes() -> None:
    assert [match.zone for match in find_zones("برمنغهام")] == ["Europe/London", "America/Chicago"]


def test_a_libyan_town_goes_before_a_larger_namesake_abroad() -> None:
    assert [place.country for place in find_zones("Homs")] == ["LY", "SY"]


def test_a_libyan_town_need_not_be_said_with_its_article_where_another_place_has_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    libyan = GeoPlace("النوران", "Africa/Tripoli", "LY", 900)
    others = (
        GeoPlace("نوران", "Asia/Tokyo", "JP", 900),
        GeoPlace("النوران", "Asia/Dubai", "AE", 900),
    )
    set_table(monkeypatch, *((place.name, place) for place in (libyan, *others)))
    assert [place.country for place in find_zones("نوران")] == ["LY", "JP"]


def test_other_namesakes_come_by_their_people(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [place.country for place in find_zones("Valencia")] == ["VE", "ES"]
    smaller, larger = (
        GeoPlace("Noran", "Asia/Tokyo", "JP", 3),
        GeoPlace("Noran", "Asia/Dubai", "AE", 9),
    )
    set_table(monkeypatch, ("Noran", smaller), ("Noran", larger))
    assert [place.country for place in find_zones("Noran")] == ["AE", "JP"]


def test_places_whose_clocks_agree_are_offered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    zones = ["Europe/Berlin", "Europe/Madrid", "Africa/Algiers", "Europe/Berlin"]
    set_table(monkeypatch, *(("Noran", GeoPlace("Noran", zone, "XX", 9)) for zone in zones))
    assert [place.zone for place in find_zones("Noran")] == ["Europe/Berlin", "Africa/Algiers"]


def test_four_places_are_offered_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    zones = ["Asia/Tokyo", "Asia/Dubai", "Asia/Kolkata", "Asia/Dhaka", "Asia/Bangkok"]
    set_table(monkeypatch, *(("Noran", GeoPlace("Noran", zone, "XX", 9)) for zone in zones))
    assert [place.zone for place in find_zones("noran")] == zones[:4]


def test_a_name_that_is_not_a_citys_own_counts_less(monkeypatch: pytest.MonkeyPatch) -> None:
    own = GeoPlace("Noran", "Asia/Tokyo", "JP", 1_000_000)
    once = GeoPlace("Vastel", "Asia/Dubai", "AE", 1_500_000)
    set_table(monkeypatch, ("Noran", own), ("Vastel", once), ("Noran", once))
    assert [place.country for place in find_zones("Noran")] == ["JP"]
    assert [place.country for place in find_zones("Vastel")] == ["AE"]


def test_a_name_in_arabic_counts_as_a_citys_own(monkeypatch: pytest.MonkeyPatch) -> None:
    larger, smaller = (
        GeoPlace("Vastel", "Asia/Dubai", "AE", 9),
        GeoPlace("نوران", "Asia/Tokyo", "JP", 2),
    )
    set_table(monkeypatch, ("Vastel", larger), ("نوران", larger), ("نوران", smaller))
    assert [place.country for place in find_zones("نوران")] == ["AE", "JP"]


def test_every_name_of_a_country_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = GeoPlace("نوران", "Asia/Dubai", "AE", 9, is_country=True)
    set_table(
        monkeypatch,
        *(("نوران", whole), ("Noran", whole), ("Noran", GeoPlace("Noran", "Asia/Tokyo", "JP", 2))),
    )
    assert [place.country for place in find_zones("Noran")] == ["AE", "JP"]


def test_a_city_counts_for_the_most_of_the_names_that_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    larger, smaller = (
        GeoPlace("The Noran", "Asia/Dubai", "AE", 9),
        GeoPlace("Noran", "Asia/Tokyo", "JP", 2),
    )
    set_table(monkeypatch, ("The Noran", larger), ("Noran", larger), ("Noran", smaller))
    assert [place.country for place in find_zones("noran")] == ["AE", "JP"]


def test_a_name_of_the_same_checksum_is_another_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert crc32(b"plumless") == crc32(b"buckeroo")
    set_table(monkeypatch, ("Plumless", GeoPlace("Plumless", "Asia/Tokyo", "JP", 9)))
    assert find_zones("plumless")
    assert find_zones("buckeroo") == []


def set_table(monkeypatch: pytest.MonkeyPatch, *named: tuple[str, GeoPlace]) -> None:
    table = CityIndex(named)
    monkeypatch.setattr("bot.digest.timezones.lookup.cities", lambda: table)


@pytest.mark.parametrize(
    ("query", "zone"),
    [
        ("ألمانيا", "Europe/Berlin"),
        ("المانيا", "Europe/Berlin"),
        ("Germany", "Europe/Berlin"),
        ("Allemagne", "Europe/Berlin"),
        ("France", "Europe/Paris"),
        ("Egypt", "Africa/Cairo"),
        ("Tunisie", "Africa/Tunis"),
        ("مالطا", "Europe/Malta"),
        ("السعودية", "Asia/Riyadh"),
        ("Etats-Unis", "America/New_York"),
        ("USA", "America/New_York"),
        ("روسيا", "Europe/Moscow"),
        ("El Salvador", "America/El_Salvador"),
        ("ليبيا", "Africa/Tripoli"),
    ],
)
def test_a_country_stands_for_its_only_zone_or_its_largest_citys(query: str, zone: str) -> None:
    assert [place.zone for place in find_zones(query)] == [zone]


@pytest.mark.parametrize(
    ("query", "country"),
    [
        ("Tripoli, Lebanon", "LB"),
        ("طرابلس لبنان", "LB"),
        ("طرابلس، ليبيا", "LY"),
        ("London, Canada", "CA"),
        ("New York, USA", "US"),
    ],
)
def test_a_country_after_a_city_says_which_one(query: str, country: str) -> None:
    assert [place.country for place in find_zones(query)] == [country]


@pytest.mark.parametrize(
    ("query", "zone", "country"),
    [
        ("Europe/Berlin", "Europe/Berlin", "DE"),
        ("africa/TRIPOLI", "Africa/Tripoli", "LY"),
        ("america/new york", "America/New_York", "US"),
        ("Asia/Calcutta", "Asia/Calcutta", "IN"),
        ("etc/gmt-2", "Etc/GMT-2", ""),
        ("utc", "UTC", ""),
    ],
)
def test_a_zone_is_known_by_its_iana_name_in_any_case(query: str, zone: str, country: str) -> None:
    assert find_zones(query) == [TimezoneMatch(zone, zone, country)]


@pytest.mark.parametrize(
    "query",
    [
        *("", " ", "/", "Noran-on-Sea", "من التقى في باريس؟", "نعم", "yes", "no", "8:30"),
        *(
            "Europe/Noran",
            "Berlin, Libya",
            "Hamburg Berlin",
            "العالم",
            "Unknown Region",
            "Berlin" + "-" * 99,
            "\ud800",
            "../../etc/passwd",
            "Factory",
        ),
    ],
)
def test_what_is_no_place_names_none(query: str) -> None:
    assert find_zones(query) == []


@given(st.text(st.characters(), max_size=120) | st.text("طرابلس ال-,،/tripole'UTC", max_size=20))
@settings(deadline=None)
def test_any_text_gives_places_in_zones_that_are_known(query: str) -> None:
    places = find_zones(query)
    assert len(places) <= 4
    assert all(place.name and ZoneInfo(place.zone) for place in places)


def test_every_zone_of_the_table_is_one_that_python_takes() -> None:
    table = cities()
    places = {table._place_at(index) for index in range(len(table._rows))}
    assert len(places) > 30_000
    assert {place.zone for place in places} <= known_zones()
    assert all(ZoneInfo(zone) for zone in known_zones())


@pytest.mark.parametrize(
    ("latitude", "longitude", "zone"),
    [
        (32.88, 13.19, "Africa/Tripoli"),
        (32.11, 20.07, "Africa/Tripoli"),
        (34.43, 35.84, "Asia/Beirut"),
        (40.7, -74.0, "America/New_York"),
        (34.0, 15.0, "Etc/GMT-1"),
        (-90.0, 0.0, "Antarctica/McMurdo"),
        (91.0, 0.0, None),
        (0.0, -180.5, None),
        (float("nan"), 0.0, None),
        (0.0, float("inf"), None),
    ],
)
def test_a_location_has_its_zone_at_sea_too(
    latitude: float, longitude: float, zone: str | None
) -> None:
    assert zone_at(latitude, longitude) == zone


@given(st.floats(), st.floats())
@settings(deadline=None)
def test_any_numbers_are_a_place_or_none(latitude: float, longitude: float) -> None:
    zone = zone_at(latitude, longitude)
    assert zone is None or ZoneInfo(zone)


@given(st.floats(-90, 90), st.floats(-180, 180))
@settings(deadline=None)
def test_every_place_on_earth_has_a_zone(latitude: float, longitude: float) -> None:
    assert zone_at(latitude, longitude) in known_zones()


@pytest.mark.parametrize(
    ("zone", "lang", "label"),
    [
        ("Africa/Tripoli", "ar", "طرابلس"),
        ("Africa/Tripoli", "en", "Tripoli"),
        ("Africa/Cairo", "fr", "Le Caire"),
        ("Europe/Berlin", "en", "Berlin"),
        ("America/New_York", "ar", "نيويورك"),
        ("America/Argentina/Buenos_Aires", "en", "Buenos Aires"),
        ("Asia/Kolkata", "ar", "كالكتا"),
        ("Asia/Calcutta", "fr", "Calcutta"),
        ("Etc/GMT-2", "en", "UTC+2"),
        ("Etc/GMT+11", "fr", "UTC-11"),
        ("Etc/GMT-2", "ar", "\u2066UTC+2\u2069"),
        ("UTC", "en", "UTC"),
    ],
)
def test_a_zone_is_shown_by_its_city_or_by_its_hours_from_utc(
    zone: str, lang: UiLanguage, label: str
) -> None:
    assert zone_label(zone, lang) == label


@pytest.mark.parametrize("lang", UI_LANGUAGES.values())
def test_every_zone_can_be_shown(lang: UiLanguage) -> None:
    label = {zone: zone_label(zone, lang) for zone in known_zones()}
    assert all(label.values())
    assert not [zone for zone, name in label.items() if "/" in name or "_" in name]


def test_nothing_is_loaded_before_it_is_needed() -> None:
    script = (
        "import sys\n"
        "import bot.digest.timezones.lookup\n"
        "heavy = {'lzma', 'tzfpy', 'numpy'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["[]"]
