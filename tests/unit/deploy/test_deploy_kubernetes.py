"""deploy/kubernetes by itself; no cluster is asked."""

import shutil
import subprocess
from typing import Any

import pytest
import yaml

from services.settings import PREFIX, Settings
from temporal.queues import TaskQueue
from tests.unit.deploy.deploy_files import (
    KUBERNETES,
    OURS,
    Object,
    base,
    check_command,
    longest_heartbeat_s,
    objects_of,
    of_kind,
)

kubernetes_validate = pytest.importorskip("kubernetes_validate")

VERSION = "1.32"
FOREIGN = {"ScaledObject", "ExternalSecret", "Kustomization"}
"""Kinds whose schemas come with other software."""

DEPLOYMENTS = of_kind("Deployment")
POLICIES = of_kind("NetworkPolicy")
SETTINGS: dict[str, str] = of_kind("ConfigMap")["animatrix-settings"]["data"]
# What the scaler of KEDA reads, of its documentation.
TRIGGER_KEYS = {
    *("endpoint", "namespace", "taskQueue", "queueTypes", "targetQueueSize"),
    *("activationTargetQueueSize", "minConnectTimeout", "unsafeSsl", "tlsServerName"),
    *("workerDeploymentName", "workerDeploymentBuildId"),
}


def pod(name: str) -> Object:
    found: Object = DEPLOYMENTS[name]["spec"]["template"]
    return found


def container(name: str) -> Object:
    [found] = pod(name)["spec"]["containers"]
    return dict(found)


def selected(selector: Object) -> set[str]:
    """The deployments whose pods a selector of labels matches."""
    wanted = selector.get("matchLabels", {}).items()
    return {name for name in DEPLOYMENTS if wanted <= pod(name)["metadata"]["labels"].items()}


@pytest.mark.parametrize(
    "found",
    objects_of(*sorted(KUBERNETES.rglob("*.yaml"))),
    ids=lambda found: f"{found['kind']}-{found.get('metadata', {}).get('name')}",
)
def test_object_is_what_its_schema_says(found: Any) -> None:
    if found["kind"] in FOREIGN:
        pytest.skip(f"no schema of {found['kind']} here")
    kubernetes_validate.validate(found, VERSION, strict=True)


def test_example_is_built() -> None:
    if shutil.which("kubectl") is None:
        pytest.skip("no kubectl")
    built = subprocess.run(
        ["kubectl", "kustomize", KUBERNETES / "example"], check=True, capture_output=True, text=True
    )
    found = [made for made in yaml.safe_load_all(built.stdout) if made["kind"] not in FOREIGN]
    assert len(found) > len(DEPLOYMENTS)
    for made in found:
        kubernetes_validate.validate(made, VERSION, strict=True)


@pytest.mark.parametrize("name", sorted(OURS))
def test_pod_is_started_by_a_script_of_ours(name: str) -> None:
    check_command(container(name)["args"])


@pytest.mark.parametrize("name", sorted(DEPLOYMENTS))
def test_pod_can_do_little(name: str) -> None:
    spec, own = pod(name)["spec"], container(name)["securityContext"]
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert spec["automountServiceAccountToken"] is False
    assert own["readOnlyRootFilesystem"] is True
    assert own["allowPrivilegeEscalation"] is False
    assert own["capabilities"] == {"drop": ["ALL"]}


@pytest.mark.parametrize("name", sorted(DEPLOYMENTS))
def test_pod_is_probed_and_limited(name: str) -> None:
    found = container(name)
    ports = {port["name"] for port in found["ports"]}
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert found[probe]["httpGet"]["port"] in ports
    assert found["resources"]["requests"].keys() == {"cpu", "memory"}
    assert "memory" in found["resources"]["limits"]


@pytest.mark.parametrize("name", sorted(OURS))
def test_pod_has_longer_to_stop_than_a_heartbeat_may_be_overdue(name: str) -> None:
    grace_s = 0 if name == "gateway" else float(SETTINGS[f"{PREFIX}GRACE_SECONDS"])
    stop_s = pod(name)["spec"]["terminationGracePeriodSeconds"]
    assert stop_s > max(longest_heartbeat_s(), grace_s)


@pytest.mark.parametrize("name", sorted(DEPLOYMENTS))
def test_selectors_match_the_pods(name: str) -> None:
    assert selected(DEPLOYMENTS[name]["spec"]["selector"]) == {name}
    for spread in pod(name)["spec"]["topologySpreadConstraints"]:
        assert selected(spread["labelSelector"]) == {name}


def test_services_lead_to_ports_that_are_there() -> None:
    for service in of_kind("Service").values():
        [name] = selected({"matchLabels": service["spec"]["selector"]})
        ports = {port["name"] for port in container(name)["ports"]}
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= ports


def test_every_deployment_keeps_a_pod_through_a_drain_of_nodes() -> None:
    budgets = of_kind("PodDisruptionBudget").values()
    assert [selected(budget["spec"]["selector"]) for budget in budgets] == [
        {budget["metadata"]["name"]} for budget in budgets
    ]
    assert {budget["metadata"]["name"] for budget in budgets} == DEPLOYMENTS.keys()


def test_each_deployment_is_scaled_by_one() -> None:
    scaled = [
        found["spec"]["scaleTargetRef"]["name"]
        for kind in ("HorizontalPodAutoscaler", "ScaledObject")
        for found in of_kind(kind).values()
    ]
    fixed = {name for name, found in DEPLOYMENTS.items() if "replicas" in found["spec"]}
    assert sorted(scaled) == sorted(DEPLOYMENTS.keys() - fixed)
    assert all(DEPLOYMENTS[name]["spec"]["replicas"] > 1 for name in fixed)


def test_backlog_that_scales_workers_is_of_their_own_queues() -> None:
    served = {
        name: {trigger["metadata"]["taskQueue"] for trigger in found["spec"]["triggers"]}
        for name, found in of_kind("ScaledObject").items()
    }
    assert served == {
        "workflows": {TaskQueue.WORKFLOWS},
        "media": {TaskQueue.MEDIA, TaskQueue.UPLOADS},
        "comfy": {TaskQueue.COMFY, TaskQueue.WEBHOOKS},
    }


def test_triggers_are_written_as_their_scaler_reads_them() -> None:
    for found in of_kind("ScaledObject").values():
        for trigger in found["spec"]["triggers"]:
            assert trigger["type"] == "temporal"
            assert trigger["metadata"].keys() <= TRIGGER_KEYS
            assert all(isinstance(text, str) for text in trigger["metadata"].values())
            assert trigger["metadata"]["endpoint"] == SETTINGS[f"{PREFIX}TEMPORAL_ADDRESS"]


def test_everything_is_denied_first() -> None:
    denied = POLICIES["default-deny"]["spec"]
    assert denied["podSelector"] == {}
    assert set(denied["policyTypes"]) == {"Ingress", "Egress"}
    assert "ingress" not in denied
    assert "egress" not in denied


def test_only_comfy_workers_and_agents_reach_renderers() -> None:
    renderers = {"namespaceSelector": {"matchLabels": {"animatrix/renderers": "true"}}}
    reaching = [
        selected(policy["spec"]["podSelector"])
        for policy in POLICIES.values()
        for rule in policy["spec"].get("egress", [])
        if renderers in rule["to"]
    ]
    assert reaching == [{"comfy", "gpu"}]


def test_only_webhooks_leave_for_anywhere() -> None:
    open_to_all = {
        name
        for name, policy in POLICIES.items()
        for rule in policy["spec"].get("egress", [])
        if not rule.get("to") or any("ipBlock" in place for place in rule["to"])
    }
    assert open_to_all == {"webhooks"}
    assert selected(POLICIES["webhooks"]["spec"]["podSelector"]) == {"comfy"}


def test_only_the_site_reaches_the_gateway() -> None:
    [rule] = POLICIES["gateway"]["spec"]["ingress"]
    assert [selected(place["podSelector"]) for place in rule["from"]] == [{"ingress"}]


def test_pods_have_every_required_setting() -> None:
    [secret] = objects_of(KUBERNETES / "base" / "secret.example.yaml")
    required = {
        f"{PREFIX}{name.upper()}"
        for name, field in Settings.model_fields.items()
        if field.is_required()
    }
    assert required <= SETTINGS.keys() | secret["stringData"].keys()
    mounts = {mount["mountPath"] for name in OURS for mount in container(name)["volumeMounts"]}
    assert mounts == {"/tmp", SETTINGS[f"{PREFIX}SECRETS_DIR"]}  # noqa: S108


@pytest.mark.parametrize("folder", ["base", "example"])
def test_one_host_is_meant_everywhere(folder: str) -> None:
    if shutil.which("kubectl") is None:
        pytest.skip("no kubectl")
    built = subprocess.run(
        ["kubectl", "kustomize", KUBERNETES / folder], check=True, capture_output=True, text=True
    )
    made = {
        (found["kind"], found["metadata"]["name"]): found
        for found in yaml.safe_load_all(built.stdout)
    }
    [rule] = made["Ingress", "animatrix"]["spec"]["rules"]
    settings = made["ConfigMap", "animatrix-settings"]["data"]
    site = made["ConfigMap", "animatrix-site"]["data"]
    assert settings[f"{PREFIX}PUBLIC_URL"] == f"https://{rule['host']}"
    assert site["INGRESS_SITE"] == f"http://{rule['host']}"


def test_every_object_says_whose_it_is() -> None:
    assert all(
        found["metadata"]["labels"]["app.kubernetes.io/name"] == "animatrix" for found in base()
    )
