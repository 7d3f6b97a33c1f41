{{/* Names and labels. */}}

{{- define "mien.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* Short enough for a pool's name and a suffix behind it. */}}
{{- define "mien.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 30 | trimSuffix "-" -}}
{{- else if contains (include "mien.name" .) .Release.Name -}}
{{- .Release.Name | trunc 30 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "mien.name" .) | trunc 30 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What never changes, and tells a release's pods from all others. */}}
{{- define "mien.releaseLabels" -}}
app.kubernetes.io/name: {{ include "mien.name" . }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{/* Call with (list $ "component") or (list $ "model-server" "pool"). */}}
{{- define "mien.selectorLabels" -}}
{{ include "mien.releaseLabels" (index . 0) }}
app.kubernetes.io/component: {{ index . 1 }}
{{- if gt (len .) 2 }}
mien/pool: {{ index . 2 | quote }}
{{- end }}
{{- end -}}

{{/* As mien.selectorLabels, with what may change from version to version. */}}
{{- define "mien.labels" -}}
{{- $root := index . 0 -}}
{{ include "mien.selectorLabels" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: mien
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* Of pods: nothing that changes with the chart's version alone, or each upgrade would roll them. */}}
{{- define "mien.podLabels" -}}
{{ include "mien.selectorLabels" . }}
app.kubernetes.io/version: {{ (index . 0).Chart.AppVersion | quote }}
app.kubernetes.io/part-of: mien
{{- end -}}

{{- define "mien.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "mien.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* The secret that this chart draws itself. */}}
{{- define "mien.generatedSecret" -}}
{{ include "mien.fullname" . }}-generated
{{- end -}}

{{/* Two maps as one, the second one winning, zero and false included. Returns YAML. */}}
{{- define "mien.merge" -}}
{{- $merged := deepCopy (index . 0) -}}
{{- range $key, $value := index . 1 -}}
{{- $old := get $merged $key -}}
{{- if and (kindIs "map" $value) (kindIs "map" $old) -}}
{{- $_ := set $merged $key (include "mien.merge" (list $old $value) | fromYaml) -}}
{{- else -}}
{{- $_ := set $merged $key $value -}}
{{- end -}}
{{- end -}}
{{- toYaml $merged -}}
{{- end -}}
