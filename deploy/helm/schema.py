#!/usr/bin/env python3
"""schema.py [--check]: writes lingula/values.schema.json. What stands in values.yaml and has no entry in FORMS gets
the type of its default; `server` gets the messages of the configuration's protos, so that Helm refuses a misspelt field.
"""
import json
import pathlib
import re
import sys

import yaml

HERE = pathlib.Path(__file__).resolve().parent
CHART = HERE / "lingula"
PROTOS = HERE.parent.parent / "proto/lingula/config/v1"
# Set by the chart from other values, in one place each.
OWNED = {"listen_host", "port", "metrics_port", "health_port", "model_repository", "shutdown_grace_seconds", "tls"}
NUMBERS = {"uint32": 0, "uint64": 0, "int32": None, "int64": None}

SECONDS = {"type": "integer", "minimum": 0, "maximum": 3600}
COUNT = {"type": "integer", "minimum": 1}
MAP = {"type": "object"}
LIST = {"type": "array"}
AMOUNT = {"oneOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": "^[0-9]+%$"}]}
# By path; what the default alone does not say.
FORMS = {
    "flavour": {"enum": ["cpu", "gpu"]},
    "image.digest": {"type": "string", "pattern": "^(sha256:[0-9a-f]{64})?$"},
    "image.pullPolicy": {"enum": ["Always", "IfNotPresent", "Never"]},
    "models.source": {"enum": ["image", "pvc", "initContainer"]},
    "grace.preStopSeconds": {"type": "integer", "minimum": 1, "maximum": 600},
    "grace.drainSeconds": SECONDS,
    "grace.marginSeconds": {"type": "integer", "minimum": 1, "maximum": 600},
    "rollout.maxSurge": AMOUNT,
    "rollout.maxUnavailable": AMOUNT,
    "service.type": {"enum": ["ClusterIP", "NodePort", "LoadBalancer"]},
    "autoscaling.kind": {"enum": ["hpa", "keda"]},
    "autoscaling.queueDelaySeconds": {"type": "number", "exclusiveMinimum": 0, "maximum": 60},
    "autoscaling.offeredLoad": {"type": "number", "minimum": 0, "maximum": 1},
    "podDisruptionBudget.maxUnavailable": AMOUNT,
    "topologySpread.whenUnsatisfiable": {"enum": ["ScheduleAnyway", "DoNotSchedule"]},
    "tls.source": {"enum": ["secret", "certManager"]},
    "resources": MAP, "bulk.resources": MAP, "nodeSelector": MAP, "affinity": MAP, "podAnnotations": MAP, "podLabels": MAP,
    "service.annotations": MAP, "serviceAccount.annotations": MAP, "monitoring.dashboards.labels": MAP,
    "monitoring.serviceMonitor.labels": MAP, "monitoring.prometheusRule.labels": MAP,
    "tls.certManager.issuerRef": MAP,
}


def of_default(value, path):
    """Schema of a value by its default; maps allow only the names that they have."""
    if path in FORMS:
        return FORMS[path]
    if path == "server":
        return {"$ref": "#/definitions/ServerConfig"}
    if isinstance(value, dict):
        properties = {name: of_default(one, path + "." + name if path else name) for name, one in value.items()}
        if not path:
            properties["global"] = MAP  # Helm's own
        return {"type": "object", "additionalProperties": False, "properties": properties}
    if isinstance(value, bool):
        return {"type": "boolean"}
    if isinstance(value, int):
        return COUNT if value > 0 else {"type": "integer", "minimum": 0}
    if isinstance(value, list):
        return LIST
    return {"type": "string"}


def blocks(text, kind):
    """{name: body} of top-level messages or enums; ours nest none."""
    return dict(re.findall(r"^%s (\w+) \{\n(.*?)^\}" % kind, text, re.MULTILINE | re.DOTALL))


def of_field(kind, repeated, enums, messages):
    if kind in NUMBERS:
        schema = {"type": "integer"}
        if NUMBERS[kind] is not None:
            schema["minimum"] = NUMBERS[kind]
    elif kind in ("float", "double"):
        schema = {"type": "number"}
    elif kind == "bool":
        schema = {"type": "boolean"}
    elif kind in ("string", "bytes"):
        schema = {"type": "string"}
    elif kind in enums:
        schema = {"enum": enums[kind]}
    elif kind in messages:
        schema = {"$ref": "#/definitions/" + kind}
    else:
        sys.exit("schema.py: the configuration has a field of type %s, which is new here" % kind)
    return {"type": "array", "items": schema} if repeated else schema


def of_protos(text):
    """Definitions of ServerConfig and all that it is made of."""
    messages = blocks(text, "message")
    enums = {name: re.findall(r"^\s*([A-Z]\w*) = \d+;", body, re.MULTILINE)
             for name, body in blocks(text, "enum").items()}
    definitions = {}
    for name, body in messages.items():
        fields = re.findall(r"^\s*(optional |repeated )?([\w.]+) (\w+) = \d+(?: \[.*?\])?;", body, re.MULTILINE)
        definitions[name] = {"type": "object", "additionalProperties": False, "properties": {
            field: of_field(kind, label.strip() == "repeated", enums, messages) for label, kind, field in fields
            if not (name == "ServerConfig" and field in OWNED)}}
    needed, found = ["ServerConfig"], {}
    while needed:
        name = needed.pop()
        found[name] = definitions[name]
        references = re.findall(r"#/definitions/(\w+)", json.dumps(definitions[name]))
        needed += [one for one in references if one not in found]
    return {name: found[name] for name in sorted(found)}


def main():
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    schema = {"$schema": "http://json-schema.org/draft-07/schema#", **of_default(values, ""),
              "definitions": of_protos("".join(path.read_text() for path in sorted(PROTOS.glob("*.proto"))))}
    text = json.dumps(schema, indent=1) + "\n"
    target = CHART / "values.schema.json"
    if "--check" not in sys.argv[1:]:
        target.write_text(text)
    elif not target.exists() or target.read_text() != text:
        sys.exit("values.schema.json: not what values.yaml and the protos give; run "
                 "python3 deploy/helm/schema.py")


if __name__ == "__main__":
    main()
