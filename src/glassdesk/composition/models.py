"""The analyst that the settings name: models behind a governor, or the rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from pydantic import SecretStr

from glassdesk.adapters.llm import endpoint_name, lacks_key, model_for
from glassdesk.composition.ground import Ground
from glassdesk.kernel.errors import InvalidInput
from glassdesk.settings import Settings
from glassdesk.workflow.notifications.service import Notifications
from glassdesk.workflow.signals.deciding import ModelAnalyst
from glassdesk.workflow.signals.endpoints import Endpoints
from glassdesk.workflow.signals.governor import Allowance, Governor
from glassdesk.workflow.signals.ports import Analyst, Model
from glassdesk.workflow.signals.prices import load_prices
from glassdesk.workflow.signals.rules.analyst import ENGINE as RULES
from glassdesk.workflow.signals.rules.analyst import RulesAnalyst


def governor_of(ground: Ground, notifications: Notifications) -> Governor:
    """The desk's governor, with the settings' budgets."""
    stores, settings = ground.stores, ground.settings
    allowance = Allowance(
        per_call=settings.model_budget_call,
        strategy_per_day=settings.model_budget_strategy,
        per_day=settings.model_budget_day,
        per_month=settings.model_budget_month,
        calls_per_day=settings.model_calls_day,
        concurrency=settings.model_concurrency,
    )
    return Governor(stores.transactions, stores.model_calls, ground.clock, notifications, allowance)


def chosen_analyst(ground: Ground, governor: Governor) -> Analyst:
    """The chain that `model_url` and `model_fallback` name. Raises `InvalidInput`."""
    settings = ground.settings
    urls = [settings.model_url, *settings.model_fallback.split()]
    return _analyst(ground, governor, urls, settings.model_key_of)


def named_analysts(ground: Ground, governor: Governor) -> dict[str, Analyst]:
    """The rules, and the analysts of the settings by their names. Raises `InvalidInput`."""
    named: dict[str, Analyst] = {RULES: RulesAnalyst()}
    for name, url in ground.settings.analysts.items():
        own = ground.settings.analyst_keys.get(name)
        named[name] = _analyst(ground, governor, [url], partial(_own_key, own))
    return named


def analyst_named(ground: Ground, governor: Governor, name: str) -> Analyst:
    """The analyst that a strategy names, else the one of the settings. Raises `InvalidInput`."""
    if not name:
        return chosen_analyst(ground, governor)
    found = named_analysts(ground, governor)
    if name not in found:
        remedy = f"one of {', '.join(sorted(found))}"
        raise InvalidInput(f"the settings have no analyst {name!r}", where="analyst", remedy=remedy)
    return found[name]


def chosen_models(settings: Settings) -> tuple[Model, ...]:
    """Every model that the settings name, once. Raises `InvalidInput`."""
    urls = [settings.model_url, *settings.model_fallback.split()]
    found = {
        url: model_for(url, settings.model_key_of(_engine(url))) for url in urls if _engine(url) != RULES
    }
    for name, url in settings.analysts.items():
        key = settings.analyst_keys.get(name)
        if _engine(url) != RULES:
            found.setdefault(url, model_for(url, _own_key(key, name)))
    return tuple(found.values())


def endpoints_of(settings: Settings) -> Endpoints:
    """Names of what would be asked; an address that is none is named by its fault."""
    desk = [("the desk's", url) for url in (settings.model_url, *settings.model_fallback.split())]
    named = [*desk, *settings.analysts.items()]
    asked = [(who, url) for who, url in named if _engine(url) != RULES]
    problems = {_name(url): _lacking(settings, who, url) for who, url in asked}
    return Endpoints(
        named=tuple((who, _name(url)) for who, url in asked),
        problems={name: problem for name, problem in problems.items() if problem},
    )


def _lacking(settings: Settings, who: str, url: str) -> str:
    """What keeps an endpoint from being asked: its key is missing, or its address is none."""
    own = settings.analyst_keys.get(who)
    key = _own_key(own, who) if who in settings.analysts else settings.model_key_of(_engine(url))
    try:
        return lacks_key(url, key)
    except InvalidInput as wrong:
        return str(wrong)


def _name(url: str) -> str:
    try:
        return endpoint_name(url)
    except InvalidInput as wrong:
        return f"{_engine(url)}: {wrong.problem}"


def _analyst(
    ground: Ground, governor: Governor, urls: Sequence[str], key_of: Callable[[str], str]
) -> Analyst:
    """Nothing is opened for `rules:` alone."""
    rules_last = _engine(urls[-1]) == RULES
    named = urls[:-1] if rules_last else urls
    if any(_engine(url) == RULES for url in named):
        raise InvalidInput(
            "rules: always answers, nothing is asked after it",
            where="model_fallback",
            remedy="let rules: stand last",
        )
    if not named:
        return RulesAnalyst()
    models = tuple(model_for(url, key_of(_engine(url))) for url in named)
    prices = load_prices(ground.settings.model_prices)
    last = RulesAnalyst() if rules_last else None
    return ModelAnalyst(models, governor, prices, ground.clock, ground.stopwatch, last=last)


def _own_key(key: SecretStr | None, engine: str) -> str:
    """The key of a named analyst: the desk's own goes nowhere else."""
    return key.get_secret_value() if key else ""


def _engine(url: str) -> str:
    return url.partition(":")[0]
