{{/* What the gateway and the worker, which is the same image, are told. */}}

{{/* Settings, as a map of environment variables. */}}
{{- define "mien.gatewayEnv" -}}
{{- $fullname := include "mien.fullname" . -}}
MIEN_GATEWAY_REST_HOST: 0.0.0.0
MIEN_GATEWAY_GRPC_HOST: 0.0.0.0
MIEN_GATEWAY_REST_PORT: "8000"
MIEN_GATEWAY_GRPC_PORT: "9000"
MIEN_GATEWAY_DETECTOR_TARGET: dns:///{{ $fullname }}-detector:50051
MIEN_GATEWAY_POOLS_FILE: /etc/mien/pools.yaml
MIEN_GATEWAY_REGISTRY: /etc/mien/registry.yaml
MIEN_GATEWAY_PROFILE: {{ .Values.gateway.profile }}
MIEN_GATEWAY_ALLOW_ANONYMOUS: {{ .Values.gateway.allowAnonymous | quote }}
MIEN_GATEWAY_ALLOWED_HOSTS: {{ include "mien.gatewayHosts" . | quote }}
MIEN_GATEWAY_DRAIN_SECONDS: {{ .Values.gateway.drainSeconds | quote }}
MIEN_GATEWAY_SHUTDOWN_SECONDS: {{ .Values.gateway.shutdownSeconds | quote }}
MIEN_GATEWAY_GRPC_MAX_CONNECTION_AGE_SECONDS: {{ .Values.gateway.maxConnectionAgeSeconds | quote }}
# A folder of its own in the volume: the gateway insists on being its only reader.
MIEN_GATEWAY_SPOOL_DIR: /spool/mien
MIEN_MAX_IMAGE_BYTES: {{ int64 .Values.maxImageBytes | quote }}
MIEN_INTENDED_PURPOSE: {{ .Values.intendedPurpose | quote }}
MIEN_MEDICAL_OR_SAFETY: {{ .Values.medicalOrSafety | quote }}
MIEN_GATEWAY_OPERATOR: {{ .Values.operator | quote }}
{{- if .Values.apiKeys.existingSecret }}
MIEN_GATEWAY_API_KEYS_FILE: /etc/mien-keys/{{ .Values.apiKeys.key }}
{{- end }}
{{- if .Values.tracing.endpoint }}
MIEN_GATEWAY_OTLP_ENDPOINT: {{ .Values.tracing.endpoint }}
MIEN_GATEWAY_TRACE_RATIO: {{ .Values.tracing.ratio | quote }}
{{- end }}
{{- if eq .Values.redis.mode "none" }}
MIEN_GATEWAY_REDIS_URL: ""
{{- else if and (eq .Values.redis.mode "external") .Values.redis.external.url }}
MIEN_GATEWAY_REDIS_URL: {{ .Values.redis.external.url }}
{{- end }}
{{- end -}}

{{/* Names under which the gateway answers: the Service's, those of Ingress and HTTPRoute, more. */}}
{{- define "mien.gatewayHosts" -}}
{{- $service := printf "%s-gateway" (include "mien.fullname" .) -}}
{{- $hosts := list $service (printf "%s.%s" $service .Release.Namespace) "*.svc" "*.svc.cluster.local" -}}
{{- if .Values.ingress.enabled -}}
{{- $hosts = append $hosts (.Values.ingress.host | default "*") -}}
{{- end -}}
{{- if .Values.gatewayApi.enabled -}}
{{- $hosts = concat $hosts (.Values.gatewayApi.hostnames | default (list "*")) -}}
{{- end -}}
{{- concat $hosts .Values.gateway.allowedHosts | uniq | join "," -}}
{{- end -}}

{{/* What a secret holds, or is made of one. */}}
{{- define "mien.gatewaySecretEnv" -}}
- name: MIEN_GATEWAY_CACHE_KEY
  valueFrom:
    secretKeyRef:
      name: {{ .Values.cacheKey.existingSecret | default (include "mien.generatedSecret" .) | quote }}
      key: {{ .Values.cacheKey.key | quote }}
{{- if eq .Values.redis.mode "internal" }}
- name: REDIS_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ .Values.redis.auth.existingSecret | default (include "mien.generatedSecret" .) | quote }}
      key: {{ .Values.redis.auth.key | quote }}
- name: MIEN_GATEWAY_REDIS_URL
  value: redis://:$(REDIS_PASSWORD)@{{ include "mien.fullname" . }}-redis:6379/0
{{- else if and (eq .Values.redis.mode "external") .Values.redis.external.existingSecret }}
- name: MIEN_GATEWAY_REDIS_URL
  valueFrom:
    secretKeyRef:
      name: {{ .Values.redis.external.existingSecret | quote }}
      key: {{ .Values.redis.external.key | quote }}
{{- end }}
{{- end -}}

{{- define "mien.gatewayVolumeMounts" -}}
- name: tmp
  mountPath: /tmp
- name: spool
  mountPath: /spool
# A folder, not single files: only so do changes arrive in a running pod.
- name: config
  mountPath: /etc/mien
  readOnly: true
{{- if .Values.apiKeys.existingSecret }}
- name: api-keys
  mountPath: /etc/mien-keys
  readOnly: true
{{- end }}
{{- if eq .Values.models.source "pvc" }}
- name: models
  mountPath: /models
  readOnly: true
  {{- with .Values.models.pvc.subPath }}
  subPath: {{ . | quote }}
  {{- end }}
{{- end }}
{{- end -}}

{{- define "mien.gatewayVolumes" -}}
{{- $fullname := include "mien.fullname" . -}}
- name: tmp
  emptyDir:
    sizeLimit: 256Mi
- name: spool
  {{- if .Values.spool.shared }}
  persistentVolumeClaim:
    claimName: {{ .Values.spool.existingClaim | default (printf "%s-spool" $fullname) | quote }}
  {{- else }}
  emptyDir:
    sizeLimit: {{ .Values.spool.localSize | quote }}
  {{- end }}
- name: config
  projected:
    sources:
      - configMap:
          name: {{ $fullname }}-pools
      - configMap:
          name: {{ $fullname }}-registry
{{- if .Values.apiKeys.existingSecret }}
- name: api-keys
  secret:
    secretName: {{ .Values.apiKeys.existingSecret | quote }}
{{- end }}
{{- if eq .Values.models.source "pvc" }}
- name: models
  persistentVolumeClaim:
    claimName: {{ .Values.models.pvc.existingClaim | quote }}
    readOnly: true
{{- end }}
{{- end -}}

{{/* Pods start anew when what is read at their start changes; the list of models is followed. */}}
{{- define "mien.gatewayChecksums" -}}
checksum/settings: {{ printf "%s%s" (include "mien.gatewayEnv" .) (toJson .Values.gateway.env) | sha256sum }}
checksum/pools: {{ include "mien.poolsFile" . | sha256sum }}
{{- end -}}
