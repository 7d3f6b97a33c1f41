{{/* A pod of `helm test`. Call with (dict "root" $ "name" "health" "env" list). */}}
{{- define "mien.testPod" -}}
{{- $root := .root -}}
{{- $labels := list $root "test" -}}
apiVersion: v1
kind: Pod
metadata:
  name: {{ include "mien.fullname" $root }}-test-{{ .name }}
  labels:
    {{- include "mien.labels" $labels | nindent 4 }}
  annotations:
    helm.sh/hook: test
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
spec:
  {{- include "mien.podHead" $root | nindent 2 }}
  restartPolicy: Never
  activeDeadlineSeconds: {{ $root.Values.tests.timeoutSeconds }}
  containers:
    - name: test
      image: {{ include "mien.image" (dict "root" $root "image" $root.Values.images.gateway) }}
      imagePullPolicy: {{ $root.Values.images.pullPolicy }}
      command: [python, -c]
      args:
        - |
          {{- $root.Files.Get (printf "files/tests/%s.py" (replace "-" "_" .name)) | trim | nindent 10 }}
      env:
        {{- toYaml .env | nindent 8 }}
      resources:
        requests: { cpu: 100m, memory: 128Mi, ephemeral-storage: 16Mi }
        limits: { memory: 128Mi, ephemeral-storage: 64Mi }
      securityContext:
        {{- include "mien.securityContext" $root | nindent 8 }}
{{- end -}}

{{- define "mien.gatewayUrl" -}}
http://{{ include "mien.fullname" . }}-gateway:{{ .Values.gateway.service.restPort }}
{{- end -}}

{{- define "mien.testPolicyAnnotations" -}}
annotations:
  helm.sh/hook: test
  helm.sh/hook-weight: "-5"
  helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end -}}
