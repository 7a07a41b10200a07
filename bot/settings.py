"""Read the settings from `config/settings.toml`, `.env` and BRIEFING_… variables; later ones win.

An unknown name, in the file or of a variable, is an error, so that a typo shows at the start.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values
from platformdirs import user_data_path
from pydantic import (
    AfterValidator,
    AnyHttpUrl,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
)

from index.embeddings.build.prepare import DEFAULT_MODEL
from index.errors import SettingsError
from index.text.boilerplate import BoilerplateRules
from index.text.gazetteer import GazetteerConfig

PREFIX = "BRIEFING_"
_RENAMED_FIELDS = {("embedding", "second"): "cross_lingual"}
"""The names in use of fields whose former names are still accepted, by section and former name."""
_CONFIG_DIR = f"{PREFIX}CONFIG_DIR"
_CHECKOUT = Path(__file__).parent.parent
_IN_CHECKOUT = (_CHECKOUT / "pyproject.toml").is_file()
_CONFIG = _CHECKOUT / "config" if _IN_CHECKOUT else Path(__file__).parent / "config"
_VAR = _CHECKOUT / "var" if _IN_CHECKOUT else user_data_path("libya-briefing")

_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+(?:/test)?")
"""A token; the suffix is that of Telegram's test environment."""

SEEDS = _CHECKOUT / "seeds"
"""The articles that `make run` adds to the archive."""


def _validate_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is not an IANA time zone such as Africa/Tripoli") from None
    return name


def _expand_folder(value: Any) -> Any:
    return Path(value).expanduser() if isinstance(value, str | Path) else value


def _split_list(value: Any) -> Any:
    """Split the value of a variable into a list («12, 34»); return other values unchanged."""
    return (
        [part for part in re.split(r"[\s,]+", value) if part] if isinstance(value, str) else value
    )


def _validate_token(token: SecretStr | None) -> SecretStr | None:
    if token and not _TOKEN.fullmatch(token.get_secret_value()):
        raise ValueError("is no token of Telegram's, such as 123456:ABC-def (the bot's id first)")
    return token


def _to_upper(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


Folder = Annotated[Path, BeforeValidator(_expand_folder)]


_Rules = TypeVar("_Rules", bound=BaseModel)


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class EmbeddingSettings(_Section):
    """The embedding model, its runtime, and whether the cross-lingual encoder is used."""

    model: Annotated[str, Field(min_length=1)] = DEFAULT_MODEL
    runtime: Literal["auto", "onnx", "torch"] = "auto"
    threads: Annotated[int, Field(ge=0, le=256)] = 0
    cross_lingual: bool = True


class TelegramSettings(_Section):
    """The connection to Telegram. Without a token, the bot answers in the terminal only."""

    token: Annotated[SecretStr | None, AfterValidator(_validate_token)] = None
    base_url: AnyHttpUrl | None = None
    base_file_url: AnyHttpUrl | None = None
    owners: Annotated[frozenset[int], BeforeValidator(_split_list)] = frozenset()
    full_text: bool = False
    poll_seconds: Annotated[int, Field(ge=0, le=50)] = 30
    patience_seconds: Annotated[float, Field(gt=0, le=120)] = 15
    messages_per_second: Annotated[float, Field(ge=0, le=1_000)] = 25


class LimitSettings(_Section):
    """The rate limit of one user's questions."""

    questions_per_minute: Annotated[float, Field(gt=0, le=6_000)] = 20
    burst: Annotated[int, Field(ge=1, le=1_000)] = 10


class FetchingSettings(_Section):
    """Restrictions on the addresses that are fetched for editors."""

    allow_loopback: bool = False


class FeedSettings(_Section):
    """How feeds are polled."""

    enabled: bool = True
    seconds_between: Annotated[float, Field(ge=0, le=3_600)] = 2
    list_hour: Annotated[int, Field(ge=0, le=23)] = 8
    contact: Annotated[str | None, Field(max_length=200, pattern=r"^[!-~ ]*$")] = None


class DigestSettings(_Section):
    """How the digest is delivered."""

    enabled: bool = True
    late_hour: Annotated[int, Field(ge=0, le=23)] = 20


class Settings(_Section):
    """All settings with their defaults. The default folders are in the project's `var/`."""

    config_dir: Folder = _CONFIG
    data_dir: Folder = _VAR / "archive"
    model_dir: Folder = _VAR / "models"
    eval_dir: Folder | None = None
    time_zone: Annotated[str, AfterValidator(_validate_zone)] = "Africa/Tripoli"
    language: Literal["ar", "en", "fr"] = "ar"
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_to_upper)
    ] = "WARNING"
    embedding: EmbeddingSettings = EmbeddingSettings()
    telegram: TelegramSettings = TelegramSettings()
    limits: LimitSettings = LimitSettings()
    fetching: FetchingSettings = FetchingSettings()
    feeds: FeedSettings = FeedSettings()
    digest: DigestSettings = DigestSettings()

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of dates that name none."""
        return ZoneInfo(self.time_zone)


def load_settings(
    environment: Mapping[str, str] | None = None,
    *,
    config: Path | None = None,
    dotenv: Path = Path(".env"),
) -> Settings:
    """Read and validate the settings.

    `environment` replaces `os.environ`, `config` the configuration folder, and `dotenv` is the path
    of the `.env` file, which need not exist. Raises `SettingsError`, which names the setting and
    the file or variable.
    """
    environment = os.environ if environment is None else environment
    sources = ((str(dotenv), _dotenv(dotenv)), ("the environment", environment))
    config_dirs = [variables[_CONFIG_DIR] for _, variables in sources if variables.get(_CONFIG_DIR)]
    folder = config or Path(config_dirs[-1] if config_dirs else _CONFIG)
    values: dict[str, Any] = {**read_toml(folder / "settings.toml"), "config_dir": folder}
    _rename_fields(values)
    for origin, variables in sources:
        for name, value in _former_names_first(variables):
            if name.startswith(PREFIX) and name != _CONFIG_DIR and value:
                _set_from_variable(values, name, value, origin)
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise SettingsError(
            f"a setting cannot be used: {_describe_errors(error)}",
            f"Settings are read from {folder / 'settings.toml'}, .env and {PREFIX}… variables",
        ) from None


def load_boilerplate(folder: Path) -> BoilerplateRules:
    """Read the rules for sites' boilerplate from `boilerplate.toml`. Raises `SettingsError`."""
    return _load_rules(folder / "boilerplate.toml", BoilerplateRules)


def load_gazetteer(folder: Path) -> GazetteerConfig:
    """Read the names with their spellings from `names.toml`. Raises `SettingsError`."""
    return _load_rules(folder / "names.toml", GazetteerConfig)


def _load_rules(path: Path, model: type[_Rules]) -> _Rules:
    values = read_toml(path)
    try:
        return model.model_validate(values)
    except ValidationError as error:
        problems = "; ".join(
            _describe_entry(values, detail["loc"], detail["msg"]) for detail in error.errors()
        )
        raise SettingsError(f"{path} cannot be used: {problems}", "Correct that entry") from None


def _describe_entry(values: dict[str, Any], location: tuple[int | str, ...], reason: str) -> str:
    """Return an error's text with its entry: «name 12 (طرابلس): kind: Input should be …»."""
    parts = [str(part) for part in location[:3] if isinstance(part, str)]
    if len(location) > 1 and isinstance(location[1], int):
        entry = values[parts[0]][location[1]]
        spellings = entry.get("ar") if isinstance(entry, dict) else [entry]
        first_spelling = (
            spellings[0] if isinstance(spellings, list) and spellings else "without a spelling"
        )
        parts[0] += f" {location[1] + 1} ({first_spelling})"
    return ": ".join([*parts, reason.removeprefix("Value error, ")])


def read_toml(path: Path) -> dict[str, Any]:
    """Return the contents of a TOML file. Raises `SettingsError` if it cannot be read."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(
            f"cannot read {path}: {error.strerror}", "Put the file back, or give this user access"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not valid TOML: {error}", "Correct that line") from None


def _dotenv(path: Path) -> dict[str, str]:
    try:
        return {name: value or "" for name, value in dotenv_values(path).items()}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"cannot read {path}: {error}", "Correct the file or remove it"
        ) from None


def _former_names_first(variables: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the variables in an order in which a name in use overrides its former name."""
    former = {f"{PREFIX}{section}_{name}".upper() for section, name in _RENAMED_FIELDS}
    return sorted(variables.items(), key=lambda variable: variable[0] not in former)


def _rename_fields(values: dict[str, Any]) -> None:
    """Move values under former names to the names in use, which win where both are given."""
    for (section, former_name), name in _RENAMED_FIELDS.items():
        section_values = values.get(section)
        if isinstance(section_values, dict) and former_name in section_values:
            section_values.setdefault(name, section_values.pop(former_name))


def _set_from_variable(values: dict[str, Any], name: str, value: str, origin: str) -> None:
    """Set a variable's value at its setting: BRIEFING_TELEGRAM_TOKEN at telegram.token.

    Raises `SettingsError` for the name of no setting, with the closest name as a suggestion.
    """
    variables = _list_variables()
    if name not in variables:
        close_matches = get_close_matches(name, variables, n=1, cutoff=0.8)
        raise SettingsError(
            f"{name}, in {origin}, is not a setting of this program",
            f"Did you mean {close_matches[0]}?"
            if close_matches
            else "docs/operations.md lists all of them",
        )
    section, field = variables[name]
    section_values = values.setdefault(section, {}) if section else values
    if isinstance(section_values, dict):
        section_values[field] = value


def _list_variables() -> dict[str, tuple[str | None, str]]:
    """Return the names of all variables, former ones included, with their section and field."""
    variables: dict[str, tuple[str | None, str]] = {}
    for field, info in Settings.model_fields.items():
        annotation = info.annotation
        if isinstance(annotation, type) and issubclass(annotation, _Section):
            for section_field in annotation.model_fields:
                variables[f"{PREFIX}{field}_{section_field}".upper()] = (field, section_field)
        else:
            variables[f"{PREFIX}{field}".upper()] = (None, field)
    for (section, former_name), name in _RENAMED_FIELDS.items():
        variables[f"{PREFIX}{section}_{former_name}".upper()] = (section, name)
    return variables


def _describe_errors(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(map(str, detail['loc']))}: {detail['msg'].removeprefix('Value error, ')}"
        for detail in error.errors(include_url=False, include_input=False)
    )
