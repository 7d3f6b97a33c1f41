{{/* What every pod of the release has. */}}

{{/* Pod Security "restricted". The images know no other user; the official ones take any. */}}
{{- define "mien.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "mien.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities:
  drop: [ALL]
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{/* The head of a pod's spec. */}}
{{- define "mien.podHead" -}}
serviceAccountName: {{ include "mien.serviceAccountName" . }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.images.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . | quote }}
  {{- end }}
{{- end }}
securityContext:
  {{- include "mien.podSecurityContext" . | nindent 2 }}
{{- end -}}

{{/* Where pods may run. Call with (dict "root" $ "part" .Values.x "class" "gateway" "labels" list);
     "single" where there is one pod alone. */}}
{{- define "mien.placement" -}}
{{- $spread := .root.Values.topologySpread -}}
{{- with .part.priorityClassName | default (include "mien.priorityClass" .) }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- with .part.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .part.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .part.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- $labels := include "mien.selectorLabels" .labels -}}
{{- if and (not .single) (or $spread.node $spread.zone) }}
topologySpreadConstraints:
  {{- range $key, $rule := dict "kubernetes.io/hostname" $spread.node "topology.kubernetes.io/zone" $spread.zone }}
  {{- if $rule }}
  - maxSkew: 1
    topologyKey: {{ $key }}
    whenUnsatisfiable: {{ $rule }}
    labelSelector:
      matchLabels:
        {{- $labels | nindent 8 }}
    matchLabelKeys: [pod-template-hash]
  {{- end }}
  {{- end }}
{{- end }}
{{- end -}}

{{- define "mien.priorityClass" -}}
{{- if .root.Values.priorityClasses.create -}}
{{ .root.Release.Namespace }}-{{ include "mien.fullname" .root }}-{{ .class }}
{{- end -}}
{{- end -}}

{{/* An image's name. Call with (dict "root" $ "image" map "suffix" "-cpu"). */}}
{{- define "mien.image" -}}
{{- $name := .image.repository -}}
{{- if and .root.Values.images.registry (not (contains "." (first (splitList "/" $name)))) -}}
{{- $name = printf "%s/%s" .root.Values.images.registry $name -}}
{{- end -}}
{{- if .image.digest -}}
{{ $name }}@{{ .image.digest }}
{{- else -}}
{{ $name }}:{{ .image.tag | default (printf "%s%s" .root.Chart.AppVersion (default "" .suffix)) }}
{{- end -}}
{{- end -}}

{{/* Environment variables as a container has them. Call with a map. */}}
{{- define "mien.env" -}}
{{- range $name, $value := . }}
- name: {{ $name }}
  value: {{ toString $value | quote }}
{{- end }}
{{- end -}}

{{/* A pause before SIGTERM. The kubelet sleeps itself from 1.30 on; before, a command does.
     Call with (dict "root" $ "seconds" 5 "command" list). */}}
{{- define "mien.preStop" -}}
preStop:
  {{- if semverCompare ">=1.30.0-0" .root.Capabilities.KubeVersion.Version }}
  sleep:
    seconds: {{ int .seconds }}
  {{- else }}
  exec:
    command: {{ default (list "python" "-c" (printf "import time; time.sleep(%d)" (int .seconds))) .command | toJson }}
  {{- end }}
{{- end -}}

{{/* No pod less than wanted while a new version rolls. */}}
{{- define "mien.rolling" -}}
type: RollingUpdate
rollingUpdate:
  maxUnavailable: 0
  maxSurge: 1
{{- end -}}
