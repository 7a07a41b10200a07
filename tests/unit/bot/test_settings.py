from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import Settings, load_boilerplate, load_gazetteer, load_settings
from index.errors import SettingsError
from tests.fixtures.sample_articles import PROJECT


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A folder with a settings file that says nothing."""
    (tmp_path / "settings.toml").write_text("")
    return tmp_path


def load(config: Path, **variables: str) -> Settings:
    return load_settings(variables, config=config, dotenv=config / ".env")


def test_the_settings_file_says_the_values_that_hold_where_nothing_is_said(config: Path) -> None:
    shipped = load_settings({}, config=PROJECT / "config", dotenv=config / ".env")
    assert shipped.model_dump(exclude={"config_dir"}) == load(config).model_dump(
        exclude={"config_dir"}
    )


def test_dotenv_may_name_the_folder_of_the_settings(config: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "settings.toml").write_text('language = "fr"')
    (config / ".env").write_text(f"BRIEFING_CONFIG_DIR={other}")
    settings = load_settings({}, dotenv=config / ".env")
    assert (settings.language, settings.config_dir) == ("fr", other)


def test_a_variable_overrides_dotenv_which_overrides_the_file(config: Path) -> None:
    (config / "settings.toml").write_text('language = "fr"\n[embedding]\nthreads = 1\nmodel = "a"')
    (config / ".env").write_text(
        "BRIEFING_EMBEDDING_THREADS=2\nBRIEFING_EMBEDDING_MODEL=b\nOTHER=x"
    )
    settings = load(config, BRIEFING_EMBEDDING_MODEL="c")
    assert (settings.language, settings.embedding.threads, settings.embedding.model) == (
        "fr",
        2,
        "c",
    )


def test_folders_are_taken_from_variables(config: Path) -> None:
    settings = load(config, BRIEFING_DATA_DIR="/a", BRIEFING_MODEL_DIR="/m", BRIEFING_EVAL_DIR="/e")
    assert [str(settings.data_dir), str(settings.model_dir), str(settings.eval_dir)] == [
        "/a",
        "/m",
        "/e",
    ]


def test_without_variables_folders_lie_in_the_projects_own(config: Path) -> None:
    assert load(config).data_dir == PROJECT / "var" / "archive"


@pytest.mark.parametrize(
    ("content", "dotenv", "variables", "enabled"),
    [
        ("second = false", "", {}, False),
        ("cross_lingual = false", "", {}, False),
        ("cross_lingual = false\nsecond = true", "", {}, False),
        ("cross_lingual = true", "", {"SECOND": "false"}, False),
        ("second = false", "", {"CROSS_LINGUAL": "true"}, True),
        ("", "", {"CROSS_LINGUAL": "false", "SECOND": "true"}, False),
        ("", "BRIEFING_EMBEDDING_CROSS_LINGUAL=false", {"SECOND": "true"}, True),
    ],
)
def test_the_former_name_of_a_setting_is_accepted_and_the_present_one_wins(
    config: Path, content: str, dotenv: str, variables: dict[str, str], enabled: bool
) -> None:
    (config / "settings.toml").write_text(f"[embedding]\n{content}")
    (config / ".env").write_text(dotenv)
    settings = load(config, **{f"BRIEFING_EMBEDDING_{name}": variables[name] for name in variables})
    assert settings.embedding.cross_lingual is enabled


def test_an_empty_variable_says_nothing(config: Path) -> None:
    assert load(config, BRIEFING_TIME_ZONE="").time_zone == "Africa/Tripoli"


@pytest.mark.parametrize(
    ("variables", "word"),
    [
        ({"BRIEFING_TIMEZONE": "UTC"}, "Did you mean BRIEFING_TIME_ZONE"),
        ({"BRIEFING_XYZZY": "1"}, "operations.md"),
        ({"BRIEFING_TIME_ZONE": "../../etc/passwd"}, "not an IANA time zone"),
        ({"BRIEFING_LANGUAGE": "de"}, "language"),
        ({"BRIEFING_EMBEDDING_THREADS": "-1"}, "embedding.threads"),
        ({"BRIEFING_TELEGRAM_BASE_URL": "nowhere"}, "telegram.base_url"),
    ],
)
def test_a_wrong_variable_is_named_with_what_to_do(
    config: Path, variables: dict[str, str], word: str
) -> None:
    with pytest.raises(SettingsError, match=word):
        load(config, **variables)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("langage = 'ar'", "langage"),
        ("[embedding]\nmodels = 'x'", "embedding.models"),
        ("language = ", "not valid TOML"),
        ("embedding = 3", "embedding"),
    ],
)
def test_a_wrong_settings_file_is_named_with_the_setting(
    config: Path, content: str, word: str
) -> None:
    (config / "settings.toml").write_text(content)
    with pytest.raises(SettingsError, match=word) as error:
        load(config)
    assert "settings.toml" in str(error.value)


def test_a_settings_file_that_is_not_there_or_not_text_is_named(config: Path) -> None:
    (config / "settings.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="not valid TOML"):
        load(config)
    (config / "settings.toml").unlink()
    with pytest.raises(SettingsError, match="cannot read"):
        load(config)


def test_a_dotenv_that_is_not_text_is_named(config: Path) -> None:
    (config / ".env").write_bytes(b"BRIEFING_LANGUAGE=\xff\xfe")
    with pytest.raises(SettingsError, match=r"\.env"):
        load(config)


def test_the_token_is_never_shown(config: Path) -> None:
    settings = load(config, BRIEFING_TELEGRAM_TOKEN="123:secret")
    assert "secret" not in repr(settings)
    with pytest.raises(SettingsError) as error:
        load(config, BRIEFING_TELEGRAM_TOKEN="123:secret", BRIEFING_LANGUAGE="de")
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("token", ["bad", "unusual/secret", "123:", "12 345:secret", "123:sécret"])
def test_what_is_no_token_is_refused_without_showing_it(config: Path, token: str) -> None:
    with pytest.raises(SettingsError, match=r"telegram\.token: is no token") as error:
        load(config, BRIEFING_TELEGRAM_TOKEN=token)
    assert token not in str(error.value)


def test_the_tokens_of_servers_and_of_the_test_environment_are_taken(config: Path) -> None:
    for token in ("1:x", "123456:ABC-def_1", "123456:ABC-def_1/test"):
        found = load(config, BRIEFING_TELEGRAM_TOKEN=token).telegram.token
        assert found is not None
        assert found.get_secret_value() == token


def test_a_boilerplate_rule_with_an_unknown_name_is_refused(config: Path) -> None:
    (config / "boilerplate.toml").write_text("line_begins = ['x']")
    with pytest.raises(SettingsError, match="line_begins"):
        load_boilerplate(config)


LAYLA = """
[[name]]
kind = "person"
ar = ["ليلى حمدان"]
en = ["Layla Hamdan"]
fr = ["Leïla Hamdane"]
seen = ["https://noran.example/school"]
"""
NORAN = LAYLA.replace("ليلى حمدان", "نوران").replace("Layla Hamdan", "Noran")
NORAN = NORAN.replace("Leïla Hamdane", "Noran")


def test_the_names_are_read_from_their_file(config: Path) -> None:
    (config / "names.toml").write_text(LAYLA + NORAN)
    assert [name.en for name in load_gazetteer(config).name] == [("Layla Hamdan",), ("Noran",)]


def test_the_names_that_are_shipped_can_be_used() -> None:
    assert load_gazetteer(PROJECT / "config").name


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("nam = 3", "nam: Extra"),
        ("name = 3", "name: Input"),
        (LAYLA + NORAN.replace("person", "town"), "name 2 (نوران): kind: Input"),
        (LAYLA + NORAN.replace("seen", "unverified"), "name 2 (نوران): «https://noran.example"),
        (LAYLA + NORAN.replace('["نوران"]', "[]"), "name 2 (without a spelling): ar: Tuple"),
        (LAYLA + LAYLA.replace("ليلى", "مها"), "«Layla Hamdan» is given to both"),
        (LAYLA + "[[name]\n", "not valid TOML"),
    ],
)
def test_a_wrong_name_is_named_with_its_file_its_number_and_its_spelling(
    config: Path, content: str, message: str
) -> None:
    (config / "names.toml").write_text(content)
    with pytest.raises(SettingsError) as error:
        load_gazetteer(config)
    assert str(config / "names.toml") in str(error.value)
    assert message in str(error.value)


def test_a_list_of_names_that_is_not_there_is_named(config: Path) -> None:
    with pytest.raises(SettingsError, match=r"cannot read .*names\.toml"):
        load_gazetteer(config)
