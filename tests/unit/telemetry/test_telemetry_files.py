"""The files for Grafana and Prometheus, by themselves."""

import pytest
import yaml

from services.local.layout import SERVICES, Ports
from tests.unit.telemetry.queries import DEPLOY, Asking, alerts, dashboards, queries

NEEDED = {"overview", "gpu", "jobs", "media"}
USUAL_PORT = 8080


def test_dashboards_are_there() -> None:
    found = dashboards()
    assert {dashboard.name for dashboard in found} == NEEDED
    assert len({dashboard.content["uid"] for dashboard in found}) == len(found)


@pytest.mark.parametrize("dashboard", dashboards(), ids=lambda found: found.name)
def test_every_panel_asks_and_lies_on_the_grid(dashboard: Asking) -> None:
    cells: set[tuple[int, int]] = set()
    for panel in dashboard.content["panels"]:
        assert panel["type"] == "row" or panel["targets"], panel["title"]
        place = panel["gridPos"]
        taken = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not taken & cells, panel["title"]
        assert max(x for x, _ in taken) < 24
        cells |= taken


@pytest.mark.parametrize("alert", alerts(), ids=lambda found: found.name)
def test_alert_says_what_and_what_to_do(alert: Asking) -> None:
    assert alert.content["labels"]["severity"] in {"page", "warn"}
    assert {"summary", "action"} <= set(alert.content["annotations"])
    assert queries(alert.queries[0])


def test_scrape_targets_are_the_stacks_own_ports() -> None:
    text = (DEPLOY / "prometheus" / "prometheus.yml").read_text(encoding="utf-8")
    targets = {
        config["labels"]["service"]: config["targets"]
        for job in yaml.safe_load(text)["scrape_configs"]
        for config in job["static_configs"]
    }
    ports = Ports(USUAL_PORT)
    wanted = {service: [f"127.0.0.1:{ports[f'{service}_metrics']}"] for service in SERVICES}
    assert targets == wanted | {"temporal": [f"127.0.0.1:{ports['temporal_metrics']}"]}


def test_queries_are_read() -> None:
    asked = queries('sum by (a) (rate(x_total{b="c"}[5m])) / on (d) max(y) and vector(0) > 1e3')
    assert asked == {"x_total": {"a", "b", "d"}, "y": {"d"}}
