"""Settings: one table, read from the environment (`GLASSDESK_…`) and `<home>/settings.toml`; a URL's scheme
picks the part."""

from __future__ import annotations

import os
import re
import secrets
import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from glassdesk.kernel.errors import InvalidInput
from glassdesk.kernel.ids import AccountKind
from glassdesk.workflow.notifications.quiet import quiet_hours
from glassdesk.workflow.session.clocks import Region

SCHEMES = {
    "database_url": {"sqlite", "postgresql+psycopg", "memory"},
    "artifacts_url": {"file", "s3", "memory"},
    "jobs_url": {"inline", "redis", "memory"},
    "broker_url": {"simulator", "https", "memory"},
    "model_url": {
        "rules",
        "openai",
        "anthropic",
        "google",
        "openai-compatible",
        "ollama",
        "recorded",
        "memory",
    },
    "clock_url": {"sim", "system", "memory"},
}


SPY = 756733
"""Conid of the SPDR S&P 500 ETF: it changes many times a second while the market is open."""


ANALYST_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
RESERVED = ("rules", "desk")
"""Names of analysts that mean something already."""


class Settings(BaseSettings):
    """Every setting with its embedded default."""

    model_config = SettingsConfigDict(env_prefix="GLASSDESK_", extra="forbid", frozen=True)

    home: Path
    deployment: str = ""
    """Random name of this installation; enters every identity, kept in the home and every backup."""
    database_url: str = ""
    artifacts_url: str = ""
    jobs_url: str = "inline:"
    broker_url: str = "simulator:"
    """`simulator:` starts or attaches to the simulator of this home; `https://…` is a Client Portal
    Gateway."""
    broker_ca_file: Path | None = None
    """Certificate that the gateway is pinned to, by default `gateway.pem` in the home, which
    `glassdesk session trust` fills [F-17]."""
    gateway_dir: Path | None = None
    """Folder of the unpacked Client Portal Gateway; `glassdesk up` then starts and watches it."""
    broker_region: Region = Region.US
    """Where the username's brokerage backend stands: its midnight ends the session and resets the broker
    [F-09, F-10]."""
    session_take_over: bool = False
    """Take the username back by itself, once a day at most, when another session holds it [F-05]."""
    suppressed_questions: str = ""
    """Ids of questions that the broker need not ask, separated by commas; none that protects money."""
    model_url: str = "rules:"
    model_key: SecretStr | None = None
    analysts: dict[str, str] = Field(default_factory=dict)
    """Further analysts that a strategy may name: a name and a URL as `model_url` has it."""
    analyst_keys: dict[str, SecretStr] = Field(default_factory=dict)
    """Their keys by the same names; the desk's own key goes nowhere else."""
    """Key of the model, where its provider has none of its own below."""
    openai_key: SecretStr | None = None
    anthropic_key: SecretStr | None = None
    google_key: SecretStr | None = None
    model_fallback: str = ""
    """Models that are asked in turn where the one before gave no answer, separated by blanks; `rules:` may
    stand last."""
    model_budget_call: Decimal = Field(default=Decimal("0.50"), ge=0)
    """US dollars that one call may cost at most."""
    model_budget_strategy: Decimal = Field(default=Decimal(10), ge=0)
    """US dollars of one strategy in a day, where it names none itself."""
    model_budget_day: Decimal = Field(default=Decimal(20), ge=0)
    model_budget_month: Decimal = Field(default=Decimal(200), ge=0)
    model_calls_day: int = Field(default=2_000, ge=0)
    model_concurrency: int = Field(default=8, ge=1, le=64)
    """Calls of one provider at once, of all processes together."""
    model_prices: Path | None = None
    """A price table of your own in place of the packaged one."""
    clock_url: str = ""
    account: str = "DU1234567"
    account_kind: AccountKind = AccountKind.SIMULATED
    desk_capital: Decimal = Field(default=Decimal(100_000), gt=0)
    """Amount allotted to the desk on the account; all limits refer to it (`T-12`)."""
    quote_canary: int | None = Field(default=None, gt=0)
    """Conid of a liquid contract whose quote shows that the feed is alive (`T-06`): SPY by default, none on a
    simulator."""
    account_type: Literal["broker", "cash", "margin"] = "broker"
    """Whether purchases are paid with settled cash only (`T-56`): as the broker says, or as said here."""
    max_daily_loss: Decimal | None = Field(default=None, gt=0, le=1)
    """Loss of the desk in one day, as a fraction of its capital, that no strategy may go beyond; without it
    the strategies' own limits count alone (`T-50`)."""
    max_drawdown: Decimal | None = Field(default=None, gt=0, le=1)
    """The same for what the desk may be below its highest worth."""
    delayed_quotes: Literal["refuse", "allow"] = "refuse"
    """Whether entries of a paper account may be priced on delayed quotes, labelled so (`T-06`)."""
    own_indicators: bool = False
    """Whether `<home>/indicators/*.py` are run as indicators of your own: code with the desk's rights."""
    workers: int = Field(default=16, ge=1, le=64)
    backup_folder: Path | None = None
    """Where the process that deals keeps a backup of each day, best on another disk. For a home on SQLite."""
    backup_keep: int = Field(default=14, ge=1)
    """So many days stay."""
    slot_jitter: int | None = Field(default=None, ge=0, le=60)
    """Seconds over which runs of one instant begin, each strategy at its own; 0: all at once. By default 15;
    none in simulated time, which stands while they run."""
    notify_urls: SecretStr | None = None
    """Where messages go beside the page and the log, separated by blanks: `https://…` (a webhook),
    `mailto(s)://`, `ntfy(s)://`, `tgram://`, `slack://` (`T-76`)."""
    notify_second_urls: SecretStr | None = None
    """Where an alarm goes that nobody has acknowledged after two minutes."""
    quiet_hours: str = ""
    """`22:00-07:00`: what is no alarm waits until they end."""
    quiet_zone: str = "America/New_York"
    web_host: str = "127.0.0.1"
    web_port: int = Field(default=8321, ge=0, le=65535)
    log_format: Literal["text", "json"] = "text"
    """How a role's process writes its log lines on standard error."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    otlp_url: str = ""
    """Where spans of traces are sent: an OTLP receiver's HTTP address. None by default; wants the extra
    `traces`."""
    heartbeat_url: SecretStr | None = None
    """What the dealer asks every 30 s while it watches: somebody elsewhere notices when it does not."""
    heartbeat_fail_url: SecretStr | None = None
    """What it asks once where it lives and cannot watch; known by itself for some services."""
    metrics_port: int | None = Field(default=None, ge=0, le=65535)
    """Where a worker or a dealer that is a process of its own tells how long its work takes, on 127.0.0.1."""
    metrics_token: SecretStr | None = None
    """What a scraper sends as `Authorization: Bearer …`."""
    gate_token: SecretStr | None = None
    gate_host: str = "127.0.0.1"
    gate_port: int = Field(default=0, ge=0, le=65535)
    s3_endpoint: str = ""
    s3_key: str = ""
    s3_secret: SecretStr | None = None
    simulator_start: date = date(2012, 10, 1)
    simulator_seed: int = 7
    simulator_speed: float = Field(default=60.0, gt=0)

    @field_validator("database_url", "artifacts_url", "jobs_url", "broker_url", "model_url", "clock_url")
    @classmethod
    def _known_scheme(cls, value: str, info: Any) -> str:
        scheme = urlsplit(value).scheme if value else ""
        if value and scheme not in SCHEMES[info.field_name]:
            known = ", ".join(f"{name}:" for name in sorted(SCHEMES[info.field_name]))
            raise ValueError(f"{scheme or value!r} is unknown here, known are {known}")
        return value

    @field_validator("analysts")
    @classmethod
    def _known_analysts(cls, value: dict[str, str]) -> dict[str, str]:
        for name, url in value.items():
            if not ANALYST_NAME.fullmatch(name) or name in RESERVED:
                raise ValueError(f"{name!r} is no name of an analyst: lower-case letters, digits and -")
            if urlsplit(url).scheme not in SCHEMES["model_url"]:
                known = ", ".join(f"{scheme}:" for scheme in sorted(SCHEMES["model_url"]))
                raise ValueError(f"{name}: {url!r:.40} is unknown here, known are {known}")
        return value

    @field_validator("model_fallback")
    @classmethod
    def _known_models(cls, value: str) -> str:
        for url in value.split():
            if urlsplit(url).scheme not in SCHEMES["model_url"]:
                raise ValueError(f"{url.partition(':')[0]!r:.40} is no model")
        return value

    @field_validator("notify_urls", "notify_second_urls", mode="before")
    @classmethod
    def _one_text(cls, value: Any) -> Any:
        return " ".join(map(str, value)) if isinstance(value, list | tuple) else value

    @field_validator("otlp_url")
    @classmethod
    def _a_receiver(cls, value: str) -> str:
        if value and not (urlsplit(value).scheme in ("http", "https") and urlsplit(value).hostname):
            raise ValueError("no address: for example http://127.0.0.1:4318/v1/traces")
        return value

    @field_validator("heartbeat_url", "heartbeat_fail_url")
    @classmethod
    def _told_in_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _is_private(value.get_secret_value()):
            raise ValueError("no address: https://…, or http:// on this machine")
        return value

    @field_validator("quiet_hours")
    @classmethod
    def _readable_hours(cls, value: str) -> str:
        try:
            quiet_hours(value, "UTC")
        except InvalidInput as unreadable:
            raise ValueError(f"{unreadable.problem}; {unreadable.remedy}") from unreadable
        return value

    @staticmethod
    def addresses(urls: SecretStr | None) -> list[str]:
        """The addresses of a setting that may hold several."""
        return urls.get_secret_value().split() if urls is not None else []

    def model_key_of(self, engine: str) -> str:
        """The key of a provider, else the one of all models; empty without one."""
        own = {"openai": self.openai_key, "anthropic": self.anthropic_key, "google": self.google_key}
        key = own.get(engine) or self.model_key
        return key.get_secret_value() if key else ""

    @property
    def certificate(self) -> Path:
        """Where the accepted certificate of the gateway is."""
        return self.broker_ca_file or self.home / "gateway.pem"

    @property
    def gateway(self) -> tuple[str, int]:
        """Host and port of the Client Portal Gateway. Raises `InvalidInput` where the broker is none."""
        try:
            parts = urlsplit(self.broker_url)
            host, port = parts.hostname, parts.port or 443
        except ValueError:
            host, port = None, 0
        if urlsplit(self.broker_url).scheme != "https" or not host:
            raise InvalidInput(
                f"{self.broker_url!r} is no gateway",
                where="GLASSDESK_BROKER_URL",
                remedy="for example https://localhost:5000",
            )
        return host, port

    @property
    def canary(self) -> int | None:
        """The contract that is looked at beside every entry's own."""
        return self.quote_canary or (None if self.simulated else SPY)

    @property
    def simulated(self) -> bool:
        """True where the broker is the simulator."""
        return self.account_kind is AccountKind.SIMULATED


def _is_private(url: str) -> bool:
    """Nobody on the way reads it."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (
        parts.scheme == "https" or (parts.scheme == "http" and host in ("127.0.0.1", "localhost", "::1"))
    )


def find_home(given: Path | None, environment: dict[str, str], working_directory: Path) -> Path:
    """`--home`, else `GLASSDESK_HOME`, else `.glassdesk/` here if it exists, else `~/.glassdesk`."""
    if given is not None:
        return given.expanduser().resolve()
    if named := environment.get("GLASSDESK_HOME"):
        return Path(named).expanduser().resolve()
    local = working_directory / ".glassdesk"
    return local if local.is_dir() else Path("~/.glassdesk").expanduser()


def load(home: Path, **explicit: Any) -> Settings:
    """Settings of a home: explicit values, then the environment, then `settings.toml`. Creates the home and
    its deployment name on first use. Raises `InvalidInput` naming the setting."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    written = {
        name: value
        for name, value in _file_values(home / "settings.toml").items()
        if f"GLASSDESK_{name.upper()}" not in os.environ
    }
    values = written | {name: value for name, value in explicit.items() if value is not None}
    try:
        settings = Settings(home=home, **_secrets(), **values)
    except ValidationError as failure:
        first = failure.errors()[0]
        name = ".".join(str(part) for part in first["loc"]) or "settings"
        raise InvalidInput(str(first["msg"]), where=f"GLASSDESK_{name.upper()}") from failure
    return settings.model_copy(update=_defaults(settings))


def _secrets() -> dict[str, Any]:
    """The folder of secret files, `glassdesk_openai_key` for example, that `GLASSDESK_SECRETS` names. Raises
    `InvalidInput` where it is none: a key that is missing must not go unnoticed."""
    folder = os.environ.get("GLASSDESK_SECRETS", "")
    if folder and not Path(folder).is_dir():
        raise InvalidInput(
            f"{folder} is no folder", where="GLASSDESK_SECRETS", remedy="a folder of secret files"
        )
    return {"_secrets_dir": folder} if folder else {}


def _file_values(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as failure:
        raise InvalidInput(f"not readable: {failure}", where=str(path), remedy="it is TOML") from failure


def _defaults(settings: Settings) -> dict[str, Any]:
    home = settings.home
    clock = "sim:" if settings.broker_url.startswith("simulator:") or settings.simulated else "system:"
    return {
        "deployment": settings.deployment or _deployment(home / "deployment"),
        "database_url": settings.database_url or f"sqlite:///{home / 'glassdesk.sqlite'}",
        "artifacts_url": settings.artifacts_url or f"file:{home / 'artifacts'}",
        "clock_url": settings.clock_url or clock,
    }


def _deployment(path: Path) -> str:
    if not path.exists():
        path.write_text(secrets.token_hex(8))
    return path.read_text().strip()
