{{/* Kubernetes' own gRPC probe knows no encryption; then the image's command asks. --alive: any answer will do. */}}
{{- define "lingula.probe" -}}
{{- $probe := get .root.Values.probes .kind -}}
{{- if or .root.Values.tls.enabled (eq .kind "liveness") }}
exec:
  command: {{ include "lingula.healthCommand" . }}
{{- else }}
grpc: {port: 8500}
{{- end }}
periodSeconds: {{ $probe.periodSeconds }}
failureThreshold: {{ $probe.failureThreshold }}
timeoutSeconds: {{ $probe.timeoutSeconds }}
{{- end }}

{{- define "lingula.healthCommand" -}}
{{- $probe := get .root.Values.probes .kind -}}
{{- $command := list "lingula" "health" "--server" "127.0.0.1:8500" "--deadline-ms" (toString (mul 900 $probe.timeoutSeconds)) -}}
{{- if eq .kind "liveness" }}{{ $command = append $command "--alive" }}{{ end -}}
{{- toJson $command -}}
{{- end }}
