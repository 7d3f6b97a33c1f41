{{- define "mien.validate" -}}
{{- end -}}
