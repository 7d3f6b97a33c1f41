{{/* The container of a TorchServe pool. Management listens on loopback and has no port here. */}}
{{- define "mien.torchserve" -}}
ports:
  - { name: grpc, containerPort: 7070 }
  - { name: http, containerPort: 8080 }
  - { name: metrics, containerPort: 8082 }
env:
  {{- include "mien.env" (merge (include "mien.torchserveEnv" . | fromYaml) .pool.env) | trim | nindent 2 }}
# /ping is content while workers still load their models, so each model is asked once.
startupProbe:
  exec: { command: [python, -m, mien_torch_serving.health] }
  periodSeconds: 3
  timeoutSeconds: 5
  failureThreshold: {{ divf .pool.startupSeconds 3 | ceil | int }}
readinessProbe:
  httpGet: { path: /ping, port: http }
  periodSeconds: 5
  timeoutSeconds: 3
  failureThreshold: 2
# A worker that dies is started again by TorchServe itself: only one that is lost for long counts.
livenessProbe:
  httpGet: { path: /ping, port: http }
  periodSeconds: 15
  timeoutSeconds: 10
  failureThreshold: 8
lifecycle:
  {{- include "mien.preStop" (dict "root" .root "seconds" .pool.preStopSeconds) | nindent 2 }}
{{- end -}}

{{- define "mien.torchserveEnv" -}}
MIEN_TORCHSERVE_HOST: 0.0.0.0
MIEN_TORCHSERVE_METRICS_HOST: 0.0.0.0
# Without tokens: the NetworkPolicy lets in gateways and workers alone.
MIEN_TORCHSERVE_PRIVATE_NETWORK: "true"
MIEN_TORCHSERVE_REGISTRY: /models/registry.yaml
MIEN_TORCHSERVE_STORE: /models/torchserve
MIEN_TORCHSERVE_RUN_DIR: /tmp/torchserve
MIEN_TORCHSERVE_MODELS: {{ join "," .pool.models | quote }}
MIEN_TORCHSERVE_MAX_CONNECTION_AGE_SECONDS: {{ .pool.maxConnectionAgeSeconds | quote }}
MIEN_MAX_IMAGE_BYTES: {{ int64 .root.Values.maxImageBytes | quote }}
{{- end -}}
