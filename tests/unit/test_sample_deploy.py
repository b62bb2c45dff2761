"""The deployment files of sample_app agree with each other and with the service."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from pipelines.stages.images import load_catalogue

SAMPLE_APP = Path(__file__).resolve().parents[2] / "sample_app"
DEPLOY = SAMPLE_APP / "deploy"
DOCKERFILE = (SAMPLE_APP / "Dockerfile").read_text()


def read_yaml(path: str) -> Any:  # noqa: ANN401 - YAML is what it is
    """Parse a file of the deploy folder."""
    return yaml.safe_load((DEPLOY / path).read_text())


def read_unit(name: str) -> dict[str, dict[str, str]]:
    """Parse a systemd unit; of a repeated key the last one counts here."""
    sections: dict[str, dict[str, str]] = {}
    for line in (DEPLOY / "systemd" / name).read_text().splitlines():
        if line.startswith("["):
            sections[line.strip("[]")] = {}
        elif line and not line.startswith("#"):
            key, _, value = line.partition("=")
            sections[list(sections)[-1]][key] = value
    return sections


def argument(name: str) -> str:
    """Return the default of a build argument."""
    found = re.search(rf'^ARG {name}="?([^"\n]+)"?$', DOCKERFILE, re.MULTILINE)
    assert found is not None, name
    return found[1]


def test_dockerfile_starts_from_the_catalogue_s_image() -> None:
    """The default base is the one of pipelines/images.yaml, by digest."""
    assert argument("BASE_IMAGE").removeprefix("docker.io/library/") == load_catalogue({})["debian"]


def test_dockerfile_installs_what_the_toolchain_has() -> None:
    """Each library of pipeline.yaml is installed for the build; only tests' tools are not."""
    config = yaml.safe_load((SAMPLE_APP / "pipeline.yaml").read_text())
    wanted = set(config["toolchain"]["packages"]) - {"libgtest-dev", "libbenchmark-dev"}
    assert wanted <= set(argument("BUILD_PACKAGES").split())


def test_pod_is_killed_only_after_all_its_times() -> None:
    """The grace period exceeds preStop, lame duck and drain together."""
    pod = read_yaml("k8s/deployment.yaml")["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    times = {each["name"]: each["value"] for each in container["env"]}
    stop = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    needed = stop + float(times["LAME_DUCK_SECONDS"]) + float(times["DRAIN_SECONDS"])
    assert pod["terminationGracePeriodSeconds"] > needed


def test_pod_has_no_privilege() -> None:
    """Not root, nothing writable, no capability, and no way to more."""
    pod = read_yaml("k8s/deployment.yaml")["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert f"USER {pod['securityContext']['runAsUser']}:" in DOCKERFILE
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_rollout_keeps_every_instance_until_the_next_is_ready() -> None:
    """No instance is taken away before its successor is ready."""
    strategy = read_yaml("k8s/deployment.yaml")["spec"]["strategy"]
    assert strategy["rollingUpdate"]["maxUnavailable"] == 0


def test_placeholder_is_what_kustomize_replaces() -> None:
    """The manifest's image is a name that the kustomization gives a digest, and never a tag."""
    (image,) = read_yaml("k8s/kustomization.yaml")["images"]
    (container,) = read_yaml("k8s/deployment.yaml")["spec"]["template"]["spec"]["containers"]
    assert container["image"] == image["name"]
    assert image["digest"].startswith("sha256:")
    assert "newTag" not in image


def test_ports_are_the_same_everywhere() -> None:
    """Container, Service, sockets and Prometheus name the same two ports."""
    (container,) = read_yaml("k8s/deployment.yaml")["spec"]["template"]["spec"]["containers"]
    ports = {each["name"]: each["containerPort"] for each in container["ports"]}
    assert ports == {"http": 8080, "metrics": 9090}
    targets = {each["targetPort"] for each in read_yaml("k8s/service.yaml")["spec"]["ports"]}
    assert targets == set(ports)
    (job,) = read_yaml("prometheus/prometheus.yml")["scrape_configs"]
    assert job["static_configs"][0]["targets"] == ["sample-app:9090"]
    for name, unit in (("http", "sample-app"), ("metrics", "sample-app-metrics")):
        socket = read_unit(f"{unit}.socket")["Socket"]
        assert socket["FileDescriptorName"] == name
        assert socket["ListenStream"].endswith(f":{ports[name]}")


def test_systemd_kills_only_after_the_default_times() -> None:
    """TimeoutStopSec exceeds the service's own defaults, as `--help` tells them."""
    text = (SAMPLE_APP / "src" / "command_line.cpp").read_text()
    lame_duck, drain = (
        float(re.findall(rf"^  {name}_SECONDS .*\[([\d.]+)\]$", text, re.MULTILINE)[0])
        for name in ("LAME_DUCK", "DRAIN")
    )
    unit = read_unit("sample-app.service")
    assert float(unit["Service"]["TimeoutStopSec"]) > lame_duck + drain
    assert unit["Service"]["Type"] == "notify"
    assert {"StartLimitIntervalSec", "StartLimitBurst"} <= set(unit["Unit"])
