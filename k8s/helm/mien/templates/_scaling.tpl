{{/* Triggers of KEDA. */}}

{{- define "mien.kedaAuthentication" -}}
{{- with .Values.prometheus.authentication -}}
{{- if .name -}}
authenticationRef:
  name: {{ .name | quote }}
  kind: {{ .kind }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* One question to Prometheus. Call with (dict "root" $ "query" "..." "threshold" 8 "type" "Value"). */}}
{{- define "mien.kedaTrigger" -}}
- type: prometheus
  metricType: {{ default "AverageValue" .type }}
  metadata:
    serverAddress: {{ .root.Values.prometheus.url }}
    query: {{ .query }}
    threshold: {{ .threshold | quote }}
    activationThreshold: {{ default "0" .activation | quote }}
  {{- with include "mien.kedaAuthentication" .root }}
  {{- . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* Triggers of a pool: the first two add and take pods, the guard and the GPU only add. */}}
{{- define "mien.poolTriggers" -}}
{{- $root := .root -}}
{{- $targets := .pool.autoscaling.targets -}}
{{- $labels := printf "{namespace=\"%s\",part=\"%s\"}" $root.Release.Namespace .pool.name -}}
{{ include "mien.kedaTrigger" (dict "root" $root "threshold" $targets.inFlight "query" (printf "sum(avg_over_time(mien_gateway_part_in_flight_requests%s[1m])) or vector(0)" $labels)) }}
{{- /* Calls to a pool that sleeps fail at once and are never under way: their rate wakes it. */}}
{{- if or (eq (int .pool.autoscaling.min) 0) $targets.requestsPerSecond }}
{{ include "mien.kedaTrigger" (dict "root" $root "threshold" ($targets.requestsPerSecond | default 1000000) "query" (printf "sum(rate(mien_gateway_part_requests_total%s[2m])) or vector(0)" $labels)) }}
{{- end }}
{{- if $targets.p95Seconds }}
{{- /* "> 0" drops the NaN of a time without calls. */}}
{{ include "mien.kedaTrigger" (dict "root" $root "type" "Value" "threshold" $targets.p95Seconds "activation" "1000000" "query" (printf "histogram_quantile(0.95, sum by (le) (rate(mien_gateway_part_duration_seconds_bucket%s[2m]))) > 0 or vector(0)" $labels)) }}
{{- end }}
{{- if and (eq .pool.device "gpu") $targets.gpuPercent }}
{{ include "mien.kedaTrigger" (dict "root" $root "type" "Value" "threshold" $targets.gpuPercent "activation" "1000000" "query" (printf "avg(DCGM_FI_DEV_GPU_UTIL{namespace=\"%s\",pod=~\"%s-.*\"}) or vector(0)" $root.Release.Namespace .pool.fullname)) }}
{{- end }}
{{- end -}}
