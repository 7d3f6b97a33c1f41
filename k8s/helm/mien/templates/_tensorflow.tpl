{{/* The container of a TensorFlow Serving pool: the official server, or the embedded one. */}}
{{- define "mien.tensorflow" -}}
{{- $official := eq .pool.server "tensorflow-serving" -}}
command: {{ ternary (list "tensorflow_model_server") (list "python" "-m" "mien_tf_serving") $official | toJson }}
args:
  {{- include "mien.tensorflowArgs" . | nindent 2 }}
ports:
  - { name: grpc, containerPort: 8500 }
  - { name: http, containerPort: 8501 }
env:
  {{- include "mien.env" (merge (include "mien.tensorflowEnv" . | fromYaml) .pool.env) | trim | nindent 2 }}
# It listens when its models are loaded and warmed up, not before.
startupProbe:
  grpc: { port: 8500 }
  periodSeconds: 3
  failureThreshold: {{ divf .pool.startupSeconds 3 | ceil | int }}
readinessProbe:
  grpc: { port: 8500 }
  periodSeconds: 5
  timeoutSeconds: 3
  failureThreshold: 2
livenessProbe:
  grpc: { port: 8500 }
  periodSeconds: 15
  timeoutSeconds: 10
  failureThreshold: 4
# The official server ends at once at SIGTERM, so the pause is its drain.
lifecycle:
  {{- $sleep := list "sleep" (toString .pool.preStopSeconds) -}}
  {{- include "mien.preStop" (dict "root" .root "seconds" .pool.preStopSeconds "command" (ternary $sleep (list) $official)) | nindent 2 }}
{{- end -}}

{{- define "mien.tensorflowEnv" -}}
TF_CPP_MIN_LOG_LEVEL: "1"
{{- if eq .pool.device "gpu" }}
# Not all of a GPU's memory at once.
TF_FORCE_GPU_ALLOW_GROWTH: "true"
{{- end }}
{{- end -}}

{{- define "mien.tensorflowArgs" -}}
{{- $official := eq .pool.server "tensorflow-serving" -}}
{{- if not $official -}}
- --host=0.0.0.0
{{ end -}}
- --port=8500
- --rest_api_port=8501
- --model_config_file=/etc/mien/models.config
- --model_config_file_poll_wait_seconds=30
- --file_system_poll_wait_seconds=5
- --allow_version_labels_for_unavailable_models=true
- --enable_batching=true
- --batching_parameters_file=/etc/mien/batching.config
- --enable_grpc_healthcheck_service=true
- --grpc_channel_arguments=grpc.max_connection_age_ms={{ mul .pool.maxConnectionAgeSeconds 1000 }},grpc.max_connection_age_grace_ms=10000
- --tensorflow_intra_op_parallelism=1
- --tensorflow_inter_op_parallelism={{ ternary 2 1 (eq .pool.device "gpu") }}
{{- if $official }}
- --monitoring_config_file=/etc/mien/monitoring.config
{{- end }}
{{- if and (eq .pool.device "gpu") .pool.gpuMemoryFraction }}
- --per_process_gpu_memory_fraction={{ .pool.gpuMemoryFraction }}
{{- end }}
{{- end -}}

{{/* The text ModelServerConfig that services/tf-serving writes for its image, for this pool. */}}
{{- define "mien.modelsConfig" -}}
model_config_list {
{{- range (include "mien.poolModels" (list .root .pool) | fromYaml).models }}
  config {
    name: "{{ .name }}-tensorflow"
    base_path: "/models/tensorflow/{{ .name }}-tensorflow"
    model_platform: "tensorflow"
    model_version_policy {
      latest {
        num_versions: 2
      }
    }
    version_labels {
      key: "stable"
      value: {{ .version }}
    }
  }
{{- end }}
}
{{- end -}}

{{- define "mien.batchingConfig" -}}
{{- $threads := include "mien.batchThreads" .pool | int -}}
{{- $most := int .pool.batching.maxBatchSize -}}
num_batch_threads { value: {{ $threads }} }
batch_timeout_micros { value: {{ int .pool.batching.timeoutMicros }} }
max_enqueued_batches { value: {{ int .pool.batching.maxEnqueuedBatches | default (max 4 (mul 2 $threads)) }} }
max_batch_size { value: {{ $most }} }
{{- range list 1 2 3 4 6 8 12 16 24 32 48 64 96 128 192 256 384 512 }}
{{- if lt . $most }}
allowed_batch_sizes: {{ . }}
{{- end }}
{{- end }}
allowed_batch_sizes: {{ $most }}
{{- end -}}
