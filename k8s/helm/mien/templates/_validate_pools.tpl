{{/* What the schema cannot say of the pools. */}}
{{- define "mien.validatePools" -}}
{{- $root := . -}}
{{- $names := list -}}
{{- range (include "mien.pools" . | fromYaml).pools -}}
  {{- if has .name $names -}}
    {{- fail (printf "modelPools: two pools are called %s: give each a name of its own" .name) -}}
  {{- end -}}
  {{- if has .name (list "gateway" "worker" "detector" "redis" "face-detector" "default-deny" "dns" "spool" "pools" "registry" "generated" "grpc" "dashboard" "test") -}}
    {{- fail (printf "modelPools.%s: another part of the release is called so: choose another name" .name) -}}
  {{- end -}}
  {{- $names = append $names .name -}}
  {{- $where := printf "modelPools.%s" .name -}}
  {{- if ne (eq .framework "pytorch") (eq .server "torchserve") -}}
    {{- fail (printf "%s: server %s does not serve framework %s: torchserve serves pytorch, tensorflow-serving and embedded serve tensorflow" $where .server .framework) -}}
  {{- end -}}
  {{- if eq (toString .image.tag) "latest" -}}
    {{- fail (printf "%s.image.tag=latest: nobody could say what runs; name a version or a digest" $where) -}}
  {{- end -}}
  {{- include "mien.validatePoolModels" (list $root . $where) -}}
  {{- include "mien.validateModels" (list (printf "%s.delivery" $where) .delivery $root) -}}
  {{- include "mien.validatePoolScaling" (list $root . $where) -}}
  {{- include "mien.validatePoolGpus" (list . $where) -}}
{{- end -}}
{{- end -}}

{{- define "mien.validatePoolModels" -}}
{{- $pool := index . 1 -}}
{{- $where := index . 2 -}}
{{- $known := list -}}
{{- range (include "mien.poolModels" (list (index . 0) $pool) | fromYaml).models -}}
  {{- $known = append $known .name -}}
{{- end -}}
{{- range $pool.models -}}
  {{- if not (has . $known) -}}
    {{- fail (printf "%s: the registry has no model %s for %s: correct modelPools[].models, or give models.registry (or the pool's registry) the list that has it" $where . $pool.framework) -}}
  {{- end -}}
{{- end -}}
{{- if not $known -}}
  {{- fail (printf "%s: the registry has no model for %s" $where $pool.framework) -}}
{{- end -}}
{{- end -}}

{{- define "mien.validatePoolScaling" -}}
{{- $root := index . 0 -}}
{{- $scaling := (index . 1).autoscaling -}}
{{- $where := index . 2 -}}
{{- if ne $scaling.kind "none" -}}
  {{- include "mien.validateScaling" (list (printf "%s.autoscaling" $where) $scaling) -}}
{{- end -}}
{{- if and (eq $scaling.kind "hpa") (lt (int $scaling.min) 1) -}}
  {{- fail (printf "%s.autoscaling: an HPA cannot scale to zero: set min to 1, or kind to keda" $where) -}}
{{- end -}}
{{- if and (eq $scaling.kind "keda") (not $root.Values.prometheus.url) -}}
  {{- fail (printf "%s.autoscaling.kind=keda needs prometheus.url, such as http://prometheus-operated.monitoring.svc:9090" $where) -}}
{{- end -}}
{{- end -}}

{{/* A pod without a GPU waits for ever, and an autoscaler that asks for one hides what is wrong. */}}
{{- define "mien.validatePoolGpus" -}}
{{- $pool := index . 0 -}}
{{- $where := index . 1 -}}
{{- if eq $pool.device "gpu" -}}
  {{- if eq $pool.server "embedded" -}}
    {{- fail (printf "%s: the embedded server computes on CPUs alone: set server to tensorflow-serving, or device to cpu" $where) -}}
  {{- end -}}
  {{- $scaled := ne $pool.autoscaling.kind "none" -}}
  {{- $most := ternary (int $pool.autoscaling.max) (int $pool.replicas) $scaled -}}
  {{- $asked := mul $most (int $pool.gpu.count) -}}
  {{- if gt $asked (int $pool.gpu.ceiling) -}}
    {{- fail (printf "%s: %s=%d pods with gpu.count=%d ask for %d %s, gpu.ceiling allows %d: lower the one, or raise the other if there are as many" $where (ternary "autoscaling.max" "replicas" $scaled) $most (int $pool.gpu.count) (int $asked) $pool.gpu.resource (int $pool.gpu.ceiling)) -}}
  {{- end -}}
{{- end -}}
{{- end -}}
