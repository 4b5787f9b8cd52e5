{{/* A map as textproto: nested maps become messages, lists repeated fields. Whole numbers come from YAML as
floats and must not be printed as 6.7e+07. Capitals with underscores are a word of
an enum and stay bare; all other strings are quoted. */}}
{{- define "lingula.textproto" -}}
{{- $indent := .indent -}}
{{- range $name, $value := .fields -}}
{{- $values := list $value -}}
{{- if kindIs "slice" $value }}{{ $values = $value }}{{ end -}}
{{- range $one := $values -}}
{{- if kindIs "map" $one }}
{{ $indent }}{{ $name }} {
{{- include "lingula.textproto" (dict "fields" $one "indent" (printf "%s  " $indent)) }}
{{ $indent }}}
{{- else if kindIs "string" $one }}
{{ $indent }}{{ $name }}: {{ if regexMatch "^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$" $one }}{{ $one }}{{ else }}{{ $one | quote }}{{ end }}
{{- else if kindIs "float64" $one }}
{{ $indent }}{{ $name }}: {{ if eq $one (floor $one) }}{{ int64 $one }}{{ else }}{{ $one }}{{ end }}
{{- else }}
{{ $indent }}{{ $name }}: {{ $one }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* Processors that the limit leaves, at least 1. */}}
{{- define "lingula.cpus" -}}
{{- $limit := toString .Values.resources.limits.cpu -}}
{{- if hasSuffix "m" $limit }}{{ max 1 (div (int (trimSuffix "m" $limit)) 1000) }}{{ else }}{{ max 1 (int (floor (float64 $limit))) }}{{ end }}
{{- end }}

{{- define "lingula.serverConfig" -}}
{{- $cpus := int (include "lingula.cpus" .) -}}
{{- $own := dict "listen_host" "0.0.0.0" "port" 8500 "metrics_port" 9500 "shutdown_grace_seconds" .Values.grace.drainSeconds
  "model_repository" (ternary "/opt/lingula/bundles" "/models" (eq .Values.models.source "image")) -}}
{{- if eq .Values.flavour "gpu" -}}
{{- $devices := list -}}
{{- range $i := until (int .Values.gpu.count) }}{{ $devices = append $devices (dict "name" (printf "cuda:%d" $i) "instances" $.Values.gpu.instances) }}{{ end -}}
{{- $own = merge $own (dict "devices" $devices "cpu" (dict "image_threads" $cpus)) -}}
{{- else -}}
{{- $own = merge $own (dict "cpu" (dict "instances" (min $cpus 64) "engine_threads" 1 "image_threads" $cpus)) -}}
{{- end -}}
{{- if .Values.tls.enabled -}}
{{- $tls := dict "certificate_file" "/etc/lingula-tls/tls.crt" "key_file" "/etc/lingula-tls/tls.key" -}}
{{- if .Values.tls.mutual }}{{ $_ := set $tls "client_ca_file" "/etc/lingula-tls/ca.crt" }}{{ end -}}
{{- $own = merge $own (dict "tls" $tls "health_port" 8502) -}}
{{- end -}}
{{- if .Values.access.callersSecret -}}
{{- $own = merge $own (dict "access" (dict "callers_file" "/etc/lingula-callers/callers.textproto")) -}}
{{- end -}}
{{- if .Values.audit.enabled -}}
{{- $own = merge $own (dict "audit" (dict "folder" "/var/lib/lingula-audit" "key_file" "/etc/lingula-audit/key")) -}}
{{- end -}}
# Made by the chart from its values.
{{- include "lingula.textproto" (dict "fields" (mergeOverwrite $own (deepCopy .Values.server)) "indent" "") }}
{{- end }}
