{{/* Settings, as a map of environment variables. */}}
{{- define "mien.detectorEnv" -}}
MIEN_DETECTOR_ADDRESS: 0.0.0.0:50051
MIEN_MAX_IMAGE_BYTES: {{ int64 .Values.maxImageBytes | quote }}
MIEN_DETECTOR_GRACE_SECONDS: {{ .Values.detector.graceSeconds | quote }}
MIEN_DETECTOR_MAX_CONNECTION_AGE_SECONDS: {{ .Values.detector.maxConnectionAgeSeconds | quote }}
# The only folder that it may write to; the image brings the detector's model.
MIEN_DETECTOR_CACHE_DIR: /tmp/mien-models
{{- with .Values.detector.workers }}
MIEN_DETECTOR_WORKERS: {{ . | quote }}
{{- end }}
{{- if .Values.tracing.endpoint }}
MIEN_DETECTOR_OTLP_ENDPOINT: {{ .Values.tracing.endpoint }}
MIEN_DETECTOR_TRACE_RATIO: {{ .Values.tracing.ratio | quote }}
{{- end }}
{{- end -}}
