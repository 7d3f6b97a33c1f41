{{/* Where a pool's models come from. Call each with (dict "root" $ "pool" $pool). */}}

{{- define "mien.poolVolumeMounts" -}}
- name: tmp
  mountPath: /tmp
{{- if ne .pool.server "torchserve" }}
- name: config
  mountPath: /etc/mien
  readOnly: true
{{- end }}
{{- if ne .root.Values.models.source "baked" }}
- name: models
  mountPath: /models
  readOnly: true
  {{- if and (eq .root.Values.models.source "pvc") .root.Values.models.pvc.subPath }}
  subPath: {{ .root.Values.models.pvc.subPath }}
  {{- end }}
{{- end }}
{{- end -}}

{{- define "mien.poolVolumes" -}}
- name: tmp
  emptyDir:
    sizeLimit: 1Gi
{{- if ne .pool.server "torchserve" }}
- name: config
  configMap:
    name: {{ .pool.fullname }}
{{- end }}
{{- if eq .root.Values.models.source "pvc" }}
- name: models
  persistentVolumeClaim:
    claimName: {{ .root.Values.models.pvc.existingClaim }}
    readOnly: true
{{- else if eq .root.Values.models.source "fetch" }}
- name: models
  emptyDir:
    sizeLimit: {{ .root.Values.models.fetch.sizeLimit }}
{{- end }}
{{- end -}}

{{/* The init container that fetches a release of models and checks its SHA-256. */}}
{{- define "mien.fetch" -}}
{{- $fetch := .root.Values.models.fetch -}}
- name: fetch-models
  image: {{ include "mien.image" (dict "root" .root "image" .root.Values.images.gateway) }}
  imagePullPolicy: {{ .root.Values.images.pullPolicy }}
  command: [python, -m, mien_models.fetch]
  args:
    - --from={{ $fetch.url }}
    - --sha256={{ $fetch.sha256 }}
    - --into=/models
    - --only={{ ternary "torchserve" "tensorflow" (eq .pool.framework "pytorch") }}
  {{- with $fetch.existingSecret }}
  envFrom:
    - secretRef:
        name: {{ . }}
  {{- end }}
  resources:
    {{- toYaml $fetch.resources | nindent 4 }}
  securityContext:
    {{- include "mien.securityContext" . | nindent 4 }}
  volumeMounts:
    - name: models
      mountPath: /models
    - name: tmp
      mountPath: /tmp
{{- end -}}

{{/* What a pool's pods read only at their start; models.config is followed instead. */}}
{{- define "mien.poolSettings" -}}
{{- if eq .pool.server "torchserve" -}}
{{ include "mien.torchserveEnv" . }}
{{- else -}}
{{ include "mien.batchingConfig" . }}
{{- end -}}
{{- end -}}
