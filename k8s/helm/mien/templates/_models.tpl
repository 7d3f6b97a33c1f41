{{/* Where a pool's models come from. Call each with (dict "root" $ "pool" $pool). */}}

{{- define "mien.poolVolumeMounts" -}}
- name: tmp
  mountPath: /tmp
{{- if ne .pool.server "torchserve" }}
- name: config
  mountPath: /etc/mien
  readOnly: true
{{- end }}
{{- if ne .pool.delivery.source "baked" }}
- name: models
  mountPath: /models
  readOnly: true
  {{- if and (eq .pool.delivery.source "pvc") .pool.delivery.pvc.subPath }}
  subPath: {{ .pool.delivery.pvc.subPath | quote }}
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
{{- if eq .pool.delivery.source "pvc" }}
- name: models
  persistentVolumeClaim:
    claimName: {{ .pool.delivery.pvc.existingClaim | quote }}
    readOnly: true
{{- else if eq .pool.delivery.source "fetch" }}
- name: models
  emptyDir:
    sizeLimit: {{ .pool.delivery.fetch.sizeLimit | quote }}
{{- end }}
{{- end -}}

{{/* The init container that fetches a release of models and checks its SHA-256. */}}
{{- define "mien.fetch" -}}
{{- $fetch := .pool.delivery.fetch -}}
- name: fetch-models
  image: {{ include "mien.image" (dict "root" .root "image" .root.Values.images.gateway) }}
  imagePullPolicy: {{ .root.Values.images.pullPolicy }}
  command: [python, -m, mien_models.fetch]
  args:
    - --from={{ $fetch.url }}
    - --sha256={{ $fetch.sha256 }}
    - --into=/models
    - --only
    - registry.yaml
    - {{ ternary "torchserve" "tensorflow" (eq .pool.framework "pytorch") }}
  {{- with $fetch.existingSecret }}
  envFrom:
    - secretRef:
        name: {{ . | quote }}
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

{{- define "mien.poolAnnotations" -}}
{{- if ne .pool.server "torchserve" -}}
# Read at the start alone; models.config beside it is followed instead.
checksum/batching: {{ include "mien.batchingConfig" . | sha256sum }}
{{- end }}
{{- with .pool.podAnnotations }}
{{ toYaml . }}
{{- end }}
{{- end -}}
