"""The databases of the laws, for what lies under the stores."""

from tests.adapters.laws.conftest import database_url as database_url
from tests.adapters.laws.conftest import stores as stores
