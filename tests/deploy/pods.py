"""What a rendered release must have. Each check takes all objects of a file and yields what is wrong with them."""
import re

CUSTOM = {"ServiceMonitor", "PrometheusRule", "Certificate", "ScaledObject"}
LONGEST_LOAD_SECONDS = 60  # several times the start of a server with three bundles on a slow disk


def pods(objects):
    """(what, pod template) of each workload."""
    for one in objects:
        if one["kind"] in ("Deployment", "Job"):
            yield "%s/%s" % (one["kind"], one["metadata"]["name"]), one["spec"]["template"]


def of_kind(objects, kind):
    return [one for one in objects if one["kind"] == kind]


def server_config(objects):
    for one in of_kind(objects, "ConfigMap"):
        if "server.textproto" in one["data"]:
            return one["data"]["server.textproto"]
    return None


def drain_seconds(objects):
    return int(re.search(r"^shutdown_grace_seconds: (\d+)$", server_config(objects), re.MULTILINE).group(1))


def grace(objects):
    """Kubernetes kills when the grace period is over, and counts the preStop hook against it."""
    for one in of_kind(objects, "Deployment"):
        pod = one["spec"]["template"]["spec"]
        hook = pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
        needed = hook + drain_seconds(objects)
        if hook < 1:
            yield "preStop: no time for others to learn that the pod goes"
        if pod["terminationGracePeriodSeconds"] <= needed:
            yield "terminationGracePeriodSeconds: %s, but preStop and drain alone take %d" % (
                pod["terminationGracePeriodSeconds"], needed)


def probes(objects):
    for one in of_kind(objects, "Deployment"):
        container = one["spec"]["template"]["spec"]["containers"][0]
        startup, ready, alive = (container[kind + "Probe"] for kind in ("startup", "readiness", "liveness"))
        if startup["periodSeconds"] * startup["failureThreshold"] < LONGEST_LOAD_SECONDS:
            yield "startupProbe: gives up before the models are loaded"
        if "--alive" not in alive.get("exec", {}).get("command", []):
            yield "livenessProbe: kills a server that drains, since any answer should do (lingula health --alive)"
        if "--alive" in ready.get("exec", {}).get("command", []):
            yield "readinessProbe: sends calls to a server that does not serve"
        encrypted = "tls {" in server_config(objects)
        for name, probe in (("startup", startup), ("readiness", ready)):
            if encrypted and probe.get("grpc", {}).get("port") == 8500:
                yield "%sProbe: speaks no TLS, and the port nothing else" % name
        for name, probe in (("startup", startup), ("readiness", ready), ("liveness", alive)):
            words = probe.get("exec", {}).get("command", [])
            if "--deadline-ms" in words and int(words[words.index("--deadline-ms") + 1]) >= 1000 * probe["timeoutSeconds"]:
                yield "%sProbe: waits longer than Kubernetes lets it, so its reason is never seen" % name


def security(objects):
    """Pod Security's restricted profile, and what it leaves open."""
    for what, template in pods(objects):
        pod = template["spec"]
        wanted = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
        for name, value in wanted.items():
            if pod.get("securityContext", {}).get(name) != value:
                yield "%s: securityContext.%s is not %s" % (what, name, value)
        if not pod["securityContext"].get("runAsUser"):
            yield "%s: runs as root" % what
        if pod.get("automountServiceAccountToken") is not False:
            yield "%s: carries a token for the API server" % what
        for name in ("hostNetwork", "hostPID", "hostIPC"):
            if pod.get(name):
                yield "%s: %s" % (what, name)
        for container in pod["containers"] + pod.get("initContainers", []):
            context = container.get("securityContext", {})
            if context.get("readOnlyRootFilesystem") is not True or context.get("allowPrivilegeEscalation") is not False \
                    or context.get("capabilities") != {"drop": ["ALL"]}:
                yield "%s: container %s: root may be written, or rights grow" % (what, container["name"])
            for kind in ("requests", "limits"):
                missing = {"cpu", "memory", "ephemeral-storage"} - set(container.get("resources", {}).get(kind, {}))
                if missing:
                    yield "%s: container %s: no %s of %s" % (what, container["name"], kind, sorted(missing))
        for volume in pod["volumes"]:
            if "hostPath" in volume or ("emptyDir" in volume and "sizeLimit" not in volume["emptyDir"]):
                yield "%s: volume %s: of the host, or without a limit" % (what, volume["name"])


def selectors(objects):
    """Everything that selects pods selects those of the Deployment, and no others."""
    labels = {what: template["metadata"]["labels"] for what, template in pods(objects)}
    for one in objects:
        chosen = {"Service": lambda spec: spec["selector"], "PodDisruptionBudget": lambda spec: spec["selector"]["matchLabels"],
                  "NetworkPolicy": lambda spec: spec["podSelector"]["matchLabels"],
                  "Deployment": lambda spec: spec["selector"]["matchLabels"]}.get(one["kind"])
        if chosen is None:
            continue
        wanted = chosen(one["spec"]).items()
        hits = [what for what, have in labels.items() if wanted <= have.items()]
        if [what.split("/")[0] for what in hits] != ["Deployment"]:
            yield "%s/%s: selects %s" % (one["kind"], one["metadata"]["name"], hits or "nothing")


def network(objects):
    for one in of_kind(objects, "NetworkPolicy"):
        if set(one["spec"]["policyTypes"]) != {"Ingress", "Egress"}:
            yield "NetworkPolicy: leaves a direction open"
        for rule in one["spec"]["ingress"]:
            if not rule.get("from") or not rule.get("ports"):
                yield "NetworkPolicy: lets everybody in"
    if of_kind(objects, "Deployment") and not of_kind(objects, "NetworkPolicy"):
        yield "no NetworkPolicy"


def scaling(objects):
    names = {one["metadata"]["name"] for one in of_kind(objects, "Deployment")}
    for one in of_kind(objects, "HorizontalPodAutoscaler"):
        if one["spec"]["scaleTargetRef"]["name"] not in names:
            yield "HorizontalPodAutoscaler: scales nothing"
        if any("replicas" in deployment["spec"] for deployment in of_kind(objects, "Deployment")):
            yield "Deployment: replicas would undo the autoscaler at each upgrade"
    for one in of_kind(objects, "PodDisruptionBudget"):
        if one["spec"].get("maxUnavailable") == 0:
            yield "PodDisruptionBudget: no node could ever be drained"


def bulk(objects):
    for one in of_kind(objects, "Job"):
        spec, pod = one["spec"], one["spec"]["template"]["spec"]
        if spec["completionMode"] != "Indexed" or pod["restartPolicy"] != "Never":
            yield "Job: shards need an index each"
        if spec.get("podReplacementPolicy") != "Failed":
            yield "Job: two pods could write one table"
        shards = next(entry["value"] for entry in pod["containers"][0]["env"] if entry["name"] == "SHARDS")
        if shards != str(spec["completions"]):
            yield "Job: %d completions of %s shards: films are left out" % (spec["completions"], shards)
        if {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]} \
                not in spec["podFailurePolicy"]["rules"]:
            yield "Job: a drained node counts as a failure of the shard"


CHECKS = [grace, probes, security, selectors, network, scaling, bulk]
