{{/* Peers of the release's own. Call with (list $ "gateway" "worker"). */}}
{{- define "mien.peers" -}}
{{- $root := first . -}}
{{- range rest . }}
- podSelector:
    matchLabels:
      {{- include "mien.selectorLabels" (list $root .) | nindent 6 }}
{{- end }}
{{- end -}}

{{/* Call with (dict "root" $ "name" "gateway" "component" "gateway"). */}}
{{- define "mien.policyHead" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "mien.fullname" .root }}-{{ .name }}
  labels:
    {{- include "mien.labels" (list .root .component) | nindent 4 }}
{{- end -}}

{{/* Ports as a NetworkPolicy has them. Call with a list of numbers. */}}
{{- define "mien.tcp" -}}
{{- range . }}
- { protocol: TCP, port: {{ int . }} }
{{- end }}
{{- end -}}

{{/* CIDRs as peers. */}}
{{- define "mien.cidrs" -}}
{{- range . }}
- ipBlock: { cidr: {{ . | quote }} }
{{- end }}
{{- end -}}

{{/* Where gateways and workers may go: the arrows that leave the gateway in the design's picture. */}}
{{- define "mien.gatewayEgress" -}}
- to:
    {{- include "mien.peers" (list . "detector") | trim | nindent 4 }}
  ports:
    {{- include "mien.tcp" (list 50051) | trim | nindent 4 }}
{{- $ports := dict }}
{{- range (include "mien.pools" . | fromYaml).pools }}
{{- $_ := set $ports .framework (ternary (list 7070 8080) (list 8500) (eq .framework "pytorch")) }}
{{- end }}
{{- range $framework, $list := $ports }}
- to:
    - podSelector:
        matchLabels:
          {{- include "mien.selectorLabels" (list $ "model-server") | nindent 10 }}
          mien/framework: {{ $framework }}
  ports:
    {{- include "mien.tcp" $list | trim | nindent 4 }}
{{- end }}
{{- if eq .Values.redis.mode "internal" }}
- to:
    {{- include "mien.peers" (list . "redis") | trim | nindent 4 }}
  ports:
    {{- include "mien.tcp" (list 6379) | trim | nindent 4 }}
{{- else if eq .Values.redis.mode "external" }}
- to:
    {{- include "mien.cidrs" .Values.networkPolicy.redis.cidrs | trim | nindent 4 }}
  ports:
    {{- include "mien.tcp" .Values.networkPolicy.redis.ports | trim | nindent 4 }}
{{- end }}
{{- include "mien.tracingEgress" . }}
{{- end -}}

{{- define "mien.tracingEgress" -}}
{{- if .Values.tracing.endpoint }}
- to:
    {{- toYaml .Values.networkPolicy.tracing.peers | nindent 4 }}
  ports:
    {{- include "mien.tcp" .Values.networkPolicy.tracing.ports | trim | nindent 4 }}
{{- end }}
{{- end -}}

{{/* Who may call what lies behind the gateway. */}}
{{- define "mien.callers" -}}
{{- $callers := list . "gateway" -}}
{{- if .Values.worker.enabled -}}
{{- $callers = append $callers "worker" -}}
{{- end -}}
{{- include "mien.peers" $callers -}}
{{- end -}}
