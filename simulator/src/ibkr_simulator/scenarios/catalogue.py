"""The catalogue F-01 to F-83."""

from ibkr_simulator.scenarios.scenario import Scenario
from ibkr_simulator.scenarios.sections import market_data, orders, portfolio, session, stream, wire

SECTIONS = (session, wire, market_data, orders, portfolio, stream)
CATALOGUE: dict[int, Scenario] = {
    scenario.number: scenario for section in SECTIONS for scenario in section.SCENARIOS
}
