"""Proxies of the environment, read as requests reads them."""

import pytest

from diagnostics.network.http import proxy_for
from diagnostics.network.targets import parse_target

HTTPS = parse_target("https://www.lab.test/")
HTTP = parse_target("http://www.lab.test/")


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_no_variable_means_no_proxy() -> None:
    assert proxy_for(HTTPS) is None


def test_each_scheme_has_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://192.0.2.9:3128")
    assert proxy_for(HTTPS) is None
    found = proxy_for(HTTP)
    assert found is not None
    assert (found.host, found.port, found.problem) == ("192.0.2.9", 3128, None)
    assert proxy_for(parse_target("tcp://www.lab.test:80")) is None


def test_exceptions_are_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "192.0.2.9:3128")
    monkeypatch.setenv("NO_PROXY", "lab.test")
    assert proxy_for(HTTPS) is None
    assert proxy_for(parse_target("https://other.test/")) is not None


def test_a_password_is_used_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://me:se%40cret@proxy.lab.test:8080")
    found = proxy_for(HTTPS)
    assert found is not None
    assert found.shown == "http://proxy.lab.test:8080"
    assert found.fields == {"Proxy-Authorization": "Basic bWU6c2VAY3JldA=="}


@pytest.mark.parametrize(
    "text",
    ["http://", "http://:3128", "http://host:port", "gopher://host:70", "http://a..b:1", "http://[::1", "http:///x"],
)
def test_what_is_no_proxy_is_a_problem_of_the_setting(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", text)
    found = proxy_for(HTTPS)
    assert found is not None
    assert found.problem == "config"


def test_socks_needs_support(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "socks", None)
    monkeypatch.setenv("HTTPS_PROXY", "socks5h://192.0.2.9")
    found = proxy_for(HTTPS)
    assert found is not None
    assert (found.problem, found.port) == ("support", 1080)
