{{/* Health has a plain port of its own where calls are encrypted: Kubernetes' gRPC probe knows no encryption. */}}
{{- define "lingula.healthPort" -}}
{{ ternary 8502 8500 .Values.tls.enabled }}
{{- end }}

{{/* A gRPC probe fails unless the answer is SERVING. Liveness must not: a server that drains is well. So the image's own
command asks, for which --alive any answer will do. Its deadline ends before the probe's, so its reason is seen. */}}
{{- define "lingula.probe" -}}
{{- $probe := get .root.Values.probes .kind -}}
{{- $port := include "lingula.healthPort" .root -}}
{{- if eq .kind "liveness" -}}
exec:
  command: [lingula, health, --alive, --server, "127.0.0.1:{{ $port }}", --deadline-ms, "{{ mul 900 $probe.timeoutSeconds }}"]
{{- else -}}
grpc: {port: {{ $port }}}
{{- end }}
periodSeconds: {{ $probe.periodSeconds }}
failureThreshold: {{ $probe.failureThreshold }}
timeoutSeconds: {{ $probe.timeoutSeconds }}
{{- end }}
