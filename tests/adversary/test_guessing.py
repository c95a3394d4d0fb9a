"""What somebody may try as often as they like: nothing that takes a secret, and nothing that draws or signs on demand."""

import re

import pytest
from flask import Flask

from server.core.limits import limiter

pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)
SECRET = re.compile(
    r"<(token|secret|link|start)>|^/(oauth|api/(imports|wallets|enter|mails))/|^/api/class$|^/portfolio/"
)
DEAR = re.compile(
    r"\.(pdf|html|jwt)$|^/clr/|^/oembed|^/ims/ob/v3p0/(credentials|profile)$|^/api/(imports|wallets|mails)$"
)


def test_whatever_takes_a_secret_or_signs_on_demand_has_a_limit(app: Flask) -> None:
    public = [one for one in app.url_map.iter_rules() if not one.rule.startswith("/desk/")]
    guarded = [
        one
        for one in public
        if (SECRET.search(one.rule) or DEAR.search(one.rule)) and (one.methods or set()) - {"OPTIONS", "HEAD"}
    ]
    assert len(guarded) > 20
    assert sorted(one.rule for one in guarded if not is_limited(app, one.endpoint)) == []


def is_limited(app: Flask, endpoint: str) -> bool:
    view = app.view_functions[endpoint]
    return bool(limiter.limit_manager.decorated_limits(f"{view.__module__}.{view.__name__}.{view.__name__}"))
