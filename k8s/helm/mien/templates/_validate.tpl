{{/* What the schema cannot say. Each message tells the value, what is wrong, and what to do. */}}
{{- define "mien.validate" -}}
{{- include "mien.validateAccess" . -}}
{{- include "mien.validateEnv" . -}}
{{- include "mien.validateRedis" . -}}
{{- include "mien.validateWorker" . -}}
{{- include "mien.validateModels" (list "models" .Values.models .) -}}
{{- include "mien.validateNetwork" . -}}
{{- include "mien.validateScaling" (list "gateway.autoscaling" .Values.gateway.autoscaling) -}}
{{- include "mien.validateScaling" (list "detector.autoscaling" .Values.detector.autoscaling) -}}
{{- include "mien.validateImages" . -}}
{{- include "mien.validatePools" . -}}
{{- end -}}

{{- define "mien.validateAccess" -}}
{{- $keys := .Values.apiKeys.existingSecret -}}
{{- if eq .Values.gateway.profile "production" -}}
  {{- if not $keys -}}
    {{- fail "gateway.profile=production needs apiKeys.existingSecret: `python -m mien_gateway.make_key NAME` makes a key and its line" -}}
  {{- end -}}
  {{- if .Values.gateway.allowAnonymous -}}
    {{- fail "gateway.profile=production and gateway.allowAnonymous=true exclude each other: choose one" -}}
  {{- end -}}
  {{- if not .Values.intendedPurpose -}}
    {{- fail "gateway.profile=production needs intendedPurpose: say what expressions are recognised for, such as research" -}}
  {{- end -}}
{{- else if not (or $keys .Values.gateway.allowAnonymous) -}}
  {{- fail "nobody could call the gateway: set apiKeys.existingSecret, or gateway.allowAnonymous=true if everybody may" -}}
{{- end -}}
{{- if and (regexMatch "(?i)\\b(workplace|education)\\b" .Values.intendedPurpose) (not .Values.medicalOrSafety) -}}
  {{- fail (printf "intendedPurpose=%s: Regulation (EU) 2024/1689, article 5(1)(f), prohibits it, but for medical or safety reasons: if yours is one, set medicalOrSafety=true" .Values.intendedPurpose) -}}
{{- end -}}
{{- end -}}

{{/* Settings that the chart makes are not to be set twice. */}}
{{- define "mien.validateEnv" -}}
{{- $gateway := keys (include "mien.gatewayEnv" . | fromYaml) -}}
{{- $gateway = concat $gateway (list "MIEN_GATEWAY_CACHE_KEY" "MIEN_GATEWAY_REDIS_URL" "MIEN_GATEWAY_API_KEYS_FILE") -}}
{{- include "mien.refuseOwn" (list "gateway.env" .Values.gateway.env $gateway) -}}
{{- $detector := append (keys (include "mien.detectorEnv" . | fromYaml)) "MIEN_DETECTOR_WORKERS" -}}
{{- include "mien.refuseOwn" (list "detector.env" .Values.detector.env $detector) -}}
{{- range (include "mien.pools" . | fromYaml).pools -}}
  {{- $own := ternary "mien.torchserveEnv" "mien.tensorflowEnv" (eq .server "torchserve") -}}
  {{- $pool := keys (include $own (dict "root" $ "pool" .) | fromYaml) -}}
  {{- include "mien.refuseOwn" (list (printf "modelPools.%s.env" .name) .env $pool) -}}
{{- end -}}
{{- end -}}

{{- define "mien.refuseOwn" -}}
{{- $where := index . 0 -}}
{{- $own := index . 2 -}}
{{- range $name, $value := index . 1 -}}
  {{- if has $name $own -}}
    {{- fail (printf "%s.%s: the chart sets it itself; README.md names the value that it follows from" $where $name) -}}
  {{- end -}}
{{- end -}}
{{- end -}}

{{- define "mien.validateRedis" -}}
{{- $external := .Values.redis.external -}}
{{- if and (eq .Values.redis.mode "external") (not $external.url) (not $external.existingSecret) -}}
  {{- fail "redis.mode=external needs redis.external.existingSecret (a secret with the whole URL) or redis.external.url" -}}
{{- end -}}
{{- if and $external.url $external.existingSecret -}}
  {{- fail "redis.external.url and redis.external.existingSecret exclude each other: choose one" -}}
{{- end -}}
{{- end -}}

{{- define "mien.validateWorker" -}}
{{- if .Values.worker.enabled -}}
  {{- if not .Values.spool.shared -}}
    {{- fail "worker.enabled=true needs spool.shared=true: gateways and workers must see the same videos" -}}
  {{- end -}}
  {{- if eq .Values.redis.mode "none" -}}
    {{- fail "worker.enabled=true needs Redis, where the queue of videos is: set redis.mode to internal or external" -}}
  {{- end -}}
  {{- if and (eq .Values.worker.autoscaling.kind "keda") (not .Values.prometheus.url) -}}
    {{- fail "worker.autoscaling.kind=keda needs prometheus.url, which tells the queue of videos" -}}
  {{- end -}}
{{- end -}}
{{- end -}}

{{/* Call with (list "models" .Values.models $root). */}}
{{- define "mien.validateModels" -}}
{{- $where := index . 0 -}}
{{- $models := index . 1 -}}
{{- $policy := (index . 2).Values.networkPolicy -}}
{{- if and (eq $models.source "pvc") (not $models.pvc.existingClaim) -}}
  {{- fail (printf "%s.source=pvc needs %s.pvc.existingClaim: a claim that holds a release of models" $where $where) -}}
{{- end -}}
{{- if and (eq $models.source "fetch") (not (and $models.fetch.url $models.fetch.sha256)) -}}
  {{- fail (printf "%s.source=fetch needs %s.fetch.url and %s.fetch.sha256, the SHA-256 of the release's SHA256SUMS" $where $where $where) -}}
{{- end -}}
{{- /* An empty list of addresses would mean everywhere. */ -}}
{{- if and (eq $models.source "fetch") $policy.enabled (not $policy.objectStore.cidrs) -}}
  {{- fail (printf "%s.source=fetch needs networkPolicy.objectStore.cidrs, such as [10.1.3.0/24], or networkPolicy.enabled=false" $where) -}}
{{- end -}}
{{- end -}}

{{/* An empty list of peers would mean everywhere. */}}
{{- define "mien.validateNetwork" -}}
{{- $policy := .Values.networkPolicy -}}
{{- if $policy.enabled -}}
  {{- if and (eq .Values.redis.mode "external") (not $policy.redis.cidrs) -}}
    {{- fail "redis.mode=external needs networkPolicy.redis.cidrs, such as [10.1.2.0/24], or networkPolicy.enabled=false" -}}
  {{- end -}}
  {{- if and .Values.tracing.endpoint (not $policy.tracing.peers) -}}
    {{- fail "tracing.endpoint needs networkPolicy.tracing.peers, such as [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: observability}}}], or networkPolicy.enabled=false" -}}
  {{- end -}}
  {{- if not $policy.dns -}}
    {{- fail "networkPolicy.dns must not be empty: without names no pod finds another" -}}
  {{- end -}}
{{- end -}}
{{- if and .Values.gatewayApi.enabled (not .Values.gatewayApi.parentRefs) -}}
  {{- fail "gatewayApi.enabled=true needs gatewayApi.parentRefs: the Gateways that the routes attach to" -}}
{{- end -}}
{{- end -}}

{{- define "mien.validateScaling" -}}
{{- $scaling := index . 1 -}}
{{- if gt (int $scaling.min) (int $scaling.max) -}}
  {{- fail (printf "%s: min is %d and max is %d: max must not be less" (index . 0) (int $scaling.min) (int $scaling.max)) -}}
{{- end -}}
{{- end -}}

{{- define "mien.validateImages" -}}
{{- range $name, $image := .Values.images -}}
  {{- if and (kindIs "map" $image) (eq (toString $image.tag) "latest") -}}
    {{- fail (printf "images.%s.tag=latest: nobody could say what runs; name a version or a digest" $name) -}}
  {{- end -}}
{{- end -}}
{{- end -}}
