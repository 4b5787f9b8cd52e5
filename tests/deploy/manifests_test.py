#!/usr/bin/env python3
"""manifests_test.py FOLDER SERVER: holds the manifests in FOLDER to Kubernetes' own schemas, to yamllint, to the rules
of pods.py and to the server's --check-config; then shows that each rule finds a planted fault."""
import copy
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import kubernetes_validate
import yaml

import pods

FOLDER, SERVER = pathlib.Path(sys.argv[1]), sys.argv[2]
ROOT = pathlib.Path(__file__).resolve().parents[2]
FILES = sorted(FOLDER.glob("*.yaml"))


def load(path):
    return [one for one in yaml.safe_load_all(path.read_text()) if one]


def named(name):
    return load(FOLDER / (name + ".yaml"))


def check_config(text):
    """What --check-config says of a rendered configuration. Bundles are those of the repository; the files that
    Secrets bring are made here."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subject = ["-subj", "/CN=lingula", "-addext", "subjectAltName=DNS:lingula"]
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / "tls.key", "-out",
                        folder / "tls.crt", *subject], check=True, capture_output=True)
        shutil.copy(folder / "tls.crt", folder / "ca.crt")
        (folder / "key").write_bytes(bytes(range(64)))
        (folder / "callers.textproto").write_text('callers { name: "a" roles: ROLE_SEGMENT certificates: "CN:a" }\n')
        (folder / "models").symlink_to(ROOT / "model/bundles")
        text = re.sub(r'"(/opt/lingula/bundles|/models)"', '"%s/models"' % folder, text)
        text = re.sub(r'"(/etc/lingula-[a-z]*|/var/lib)/', '"%s/' % folder, text)
        path = folder / "server.textproto"
        path.write_text(text)
        done = subprocess.run([SERVER, "--config", path, "--check-config"], capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr


class Manifests(unittest.TestCase):
    def test_there_are_some(self):
        self.assertEqual([path.stem for path in FILES], ["bulk", "cpu", "gpu", "production"])

    def test_kubernetes_own_schemas(self):
        for path in FILES:
            for one in load(path):
                if one["kind"] not in pods.CUSTOM:
                    with self.subTest(file=path.name, kind=one["kind"]):
                        kubernetes_validate.validate(one, "1.33", strict=True)

    def test_schemas_refuse_a_misspelt_field(self):
        one = pods.of_kind(named("cpu"), "Deployment")[0]
        one["spec"]["template"]["spec"]["terminationGraceSeconds"] = 5
        with self.assertRaises(kubernetes_validate.ValidationError):
            kubernetes_validate.validate(one, "1.33", strict=True)

    def test_yamllint(self):
        rules = ROOT / "tests/deploy/yamllint.yaml"
        charts = [ROOT / "deploy/helm/lingula/values.yaml", ROOT / "deploy/helm/lingula/Chart.yaml",
                  ROOT / "deploy/kubernetes", ROOT / "deploy/helm/examples"]
        done = subprocess.run([sys.executable, "-m", "yamllint", "--strict", "-c", rules, FOLDER, *charts],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_rules(self):
        for path in FILES:
            for check in pods.CHECKS:
                with self.subTest(file=path.name, check=check.__name__):
                    self.assertEqual(list(check(load(path))), [])

    def test_the_server_takes_its_configuration(self):
        for name in ("cpu", "production"):
            text = pods.server_config(named(name))
            with self.subTest(file=name):
                code, said = check_config(text)
                self.assertEqual(code, 0, said)

    def test_the_server_takes_the_configuration_for_gpus_but_for_the_gpu(self):
        text = pods.server_config(named("gpu"))
        self.assertIn('name: "cuda:0"', text)
        code, said = check_config(re.sub(r"devices \{.*?\}\n", "", text, flags=re.DOTALL))
        self.assertEqual(code, 0, said)
        self.assertIn("max_batch_size: 32", text)

    def test_check_config_would_find_a_mistake(self):
        code, said = check_config(pods.server_config(named("cpu")) + "batching { max_batch_size: 300 }\n")
        self.assertEqual(code, 1, said)
        self.assertIn("max_batch_size", said)

    def test_instances_follow_the_processors_of_the_pod(self):
        objects = named("cpu")
        container = pods.of_kind(objects, "Deployment")[0]["spec"]["template"]["spec"]["containers"][0]
        cores = container["resources"]["limits"]["cpu"]
        self.assertRegex(pods.server_config(objects), r"cpu \{\n  engine_threads: 1\n  image_threads: %s\n  instances: %s\n" % (
            cores, cores))


def change(name, *path_and_value):
    """The objects of a file, with the value at a path (kind first) replaced; None takes it away."""
    objects = copy.deepcopy(named(name))
    *path, last, value = path_and_value
    at = pods.of_kind(objects, path[0])[0]
    for step in path[1:]:
        at = at[step]
    if value is None:
        del at[last]
    else:
        at[last] = value
    return objects


SERVER_POD = ("Deployment", "spec", "template", "spec")
CONTAINER = SERVER_POD + ("containers", 0)
PLANTED = [
    (pods.grace, change("cpu", *SERVER_POD, "terminationGracePeriodSeconds", 25)),
    (pods.grace, change("cpu", *CONTAINER, "lifecycle", {"preStop": {"sleep": {"seconds": 0}}})),
    (pods.probes, change("cpu", *CONTAINER, "livenessProbe", {"grpc": {"port": 8500}, "timeoutSeconds": 5})),
    (pods.probes, change("cpu", *CONTAINER, "startupProbe", "failureThreshold", 3)),
    (pods.probes, change("cpu", *CONTAINER, "readinessProbe", {"exec": {"command": ["lingula", "health", "--alive"]}})),
    (pods.probes, change("cpu", *CONTAINER, "livenessProbe", "timeoutSeconds", 1)),
    (pods.probes, change("production", *CONTAINER, "readinessProbe", "grpc", "port", 8500)),
    (pods.security, change("cpu", *SERVER_POD, "securityContext", "runAsNonRoot", None)),
    (pods.security, change("cpu", *SERVER_POD, "securityContext", "runAsUser", None)),
    (pods.security, change("cpu", *SERVER_POD, "securityContext", "seccompProfile", None)),
    (pods.security, change("cpu", *SERVER_POD, "automountServiceAccountToken", None)),
    (pods.security, change("cpu", *SERVER_POD, "hostNetwork", True)),
    (pods.security, change("cpu", *CONTAINER, "securityContext", "readOnlyRootFilesystem", False)),
    (pods.security, change("cpu", *CONTAINER, "securityContext", "capabilities", None)),
    (pods.security, change("bulk", "Job", "spec", "template", "spec", "containers", 0, "resources", "limits", "memory", None)),
    (pods.security, change("cpu", *SERVER_POD, "volumes", [{"name": "tmp", "emptyDir": {}}])),
    (pods.selectors, change("cpu", "Service", "spec", "selector", "app.kubernetes.io/component", "other")),
    (pods.selectors, change("cpu", "PodDisruptionBudget", "spec", "selector", {"matchLabels": {"app": "x"}})),
    (pods.network, change("cpu", "NetworkPolicy", "spec", "policyTypes", ["Ingress"])),
    (pods.network, change("cpu", "NetworkPolicy", "spec", "ingress", 0, "from", None)),
    (pods.scaling, change("production", "HorizontalPodAutoscaler", "spec", "scaleTargetRef", "name", "other")),
    (pods.scaling, change("production", "Deployment", "spec", "replicas", 2)),
    (pods.scaling, change("cpu", "PodDisruptionBudget", "spec", "maxUnavailable", 0)),
    (pods.bulk, change("bulk", "Job", "spec", "completions", 999)),
    (pods.bulk, change("bulk", "Job", "spec", "podReplacementPolicy", None)),
    (pods.bulk, change("bulk", "Job", "spec", "podFailurePolicy", "rules", [])),
]


class PlantedFaults(unittest.TestCase):
    def test_each_is_found(self):
        for number, (check, objects) in enumerate(PLANTED):
            with self.subTest(number=number, check=check.__name__):
                self.assertNotEqual(list(check(objects)), [])

    def test_no_rule_goes_without(self):
        self.assertEqual({check for check, _ in PLANTED}, set(pods.CHECKS))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
