{{/* The pools of model servers, with their defaults and what follows from them. Returns YAML. */}}
{{- define "mien.pools" -}}
{{- $pools := list -}}
{{- range .Values.modelPools -}}
{{- $pool := include "mien.merge" (list $.Values.modelPoolDefaults .) | fromYaml -}}
{{- $_ := set $pool "fullname" (printf "%s-%s" (include "mien.fullname" $) $pool.name) -}}
{{- $_ := set $pool "grpcPort" (ternary 7070 8500 (eq $pool.framework "pytorch")) -}}
{{- $_ := set $pool "restPort" (ternary 8080 8501 (eq $pool.framework "pytorch")) -}}
{{- $_ := set $pool "metricsPort" (ternary 8082 8501 (eq $pool.framework "pytorch")) -}}
{{- $_ := set $pool "grace" (add $pool.preStopSeconds $pool.shutdownSeconds 10) -}}
{{- $_ := set $pool "delivery" (include "mien.merge" (list (omit $.Values.models "registry") $pool.delivery) | fromYaml) -}}
{{- $_ := set $pool "resources" (include "mien.poolResources" $pool | fromYaml) -}}
{{- $pools = append $pools $pool -}}
{{- end -}}
{{- toYaml (dict "pools" $pools) -}}
{{- end -}}

{{/* GPUs are asked for as limits; Kubernetes makes the requests equal to them. */}}
{{- define "mien.poolResources" -}}
{{- $resources := deepCopy .resources -}}
{{- if eq .device "gpu" -}}
{{- $_ := set $resources "limits" (merge (dict .gpu.resource (int .gpu.count)) (default dict $resources.limits)) -}}
{{- end -}}
{{- toYaml $resources -}}
{{- end -}}

{{/* The image of a pool. Call with (dict "root" $ "pool" $pool). */}}
{{- define "mien.poolImage" -}}
{{- $images := .root.Values.images -}}
{{- $gpu := eq .pool.device "gpu" -}}
{{- $image := dict -}}
{{- $suffix := "" -}}
{{- if eq .pool.server "torchserve" -}}
{{- $image = ternary $images.torchserveGpu $images.torchserveCpu $gpu -}}
{{- $suffix = printf "-%s" .pool.device -}}
{{- else if eq .pool.server "embedded" -}}
{{- $image = $images.tensorflowEmbedded -}}
{{- else -}}
{{- $image = ternary $images.tensorflowGpu $images.tensorflowCpu $gpu -}}
{{- $suffix = ternary "-gpu" "" $gpu -}}
{{- end -}}
{{- $own := .pool.image -}}
{{- $image = dict "repository" (default $image.repository $own.repository) "tag" (default $image.tag $own.tag) "digest" (default (ternary "" $image.digest (or (ne $own.tag "") (ne $own.repository ""))) $own.digest) -}}
{{- include "mien.image" (dict "root" .root "image" $image "suffix" $suffix) -}}
{{- end -}}

{{/* The list of models of a pool: its own, the release's, or the chart's. */}}
{{- define "mien.registry" -}}
{{- $root := index . 0 -}}
{{- $own := index . 1 -}}
{{- $own | default $root.Values.models.registry | default ($root.Files.Get "files/registry.yaml") -}}
{{- end -}}

{{/* Weights and cards lie under /models, though the list does not. */}}
{{- define "mien.mountedRegistry" -}}
{{- regexReplaceAll "(?m)^(\\s+path:\\s+)([^/\\s])" (include "mien.registry" .) "${1}/models/${2}" -}}
{{- end -}}

{{/* The names in the registry that a pool serves. Call with (list $ $pool). Returns YAML. */}}
{{- define "mien.poolModels" -}}
{{- $pool := index . 1 -}}
{{- $models := list -}}
{{- range (include "mien.registry" (list (index . 0) $pool.registry) | fromYaml).models -}}
{{- if and (has $pool.framework .frameworks) (or (empty $pool.models) (has .name $pool.models)) -}}
{{- $models = append $models . -}}
{{- end -}}
{{- end -}}
{{- toYaml (dict "models" $models) -}}
{{- end -}}

{{/* CPUs that a pool asks for, rounded up. */}}
{{- define "mien.cpus" -}}
{{- $cpu := toString . -}}
{{- if hasSuffix "m" $cpu -}}
{{- divf (trimSuffix "m" $cpu | float64) 1000 | ceil | int -}}
{{- else -}}
{{- float64 $cpu | ceil | int -}}
{{- end -}}
{{- end -}}

{{/* Batches that a TensorFlow pool computes at a time. */}}
{{- define "mien.batchThreads" -}}
{{- if gt (int .batching.threads) 0 -}}
{{ int .batching.threads }}
{{- else if eq .device "gpu" -}}
2
{{- else -}}
{{- include "mien.cpus" .resources.requests.cpu -}}
{{- end -}}
{{- end -}}

{{/* No pod less than wanted, but where a further pod would need a GPU that is not there. */}}
{{- define "mien.poolRolling" -}}
{{- $most := ternary (int .replicas) (int .autoscaling.max) (eq .autoscaling.kind "none") -}}
{{- if and (eq .device "gpu") (gt (mul (add $most 1) (int .gpu.count)) (int .gpu.ceiling)) -}}
type: RollingUpdate
rollingUpdate:
  maxUnavailable: 1
  maxSurge: 0
{{- else -}}
{{- include "mien.rolling" . -}}
{{- end -}}
{{- end -}}

{{/* Whether there are times without a pod. */}}
{{- define "mien.poolSleeps" -}}
{{- and (eq .autoscaling.kind "keda") (eq (int .autoscaling.min) 0) -}}
{{- end -}}

{{/* What the gateway reads: which model servers there are. */}}
{{- define "mien.poolsFile" -}}
pools:
{{- range (include "mien.pools" . | fromYaml).pools }}
- name: {{ .name | quote }}
  framework: {{ .framework }}
  target: dns:///{{ .fullname }}{{ if eq (include "mien.poolSleeps" .) "true" }}-wake{{ end }}:{{ .grpcPort }}
  {{- if eq .framework "pytorch" }}
  rest_url: http://{{ .fullname }}-rest:{{ .restPort }}
  {{- end }}
  {{- with .models }}
  models: {{ toJson . }}
  {{- end }}
  weight: {{ .weight }}
  {{- if .registry }}
  registry: /etc/mien/registry-{{ .name }}.yaml
  {{- end }}
{{- end }}
{{- end -}}
