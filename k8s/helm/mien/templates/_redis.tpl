{{- define "mien.redisArgs" -}}
- --requirepass
- $(REDIS_PASSWORD)
- --maxmemory
- {{ .Values.redis.maxMemory | quote }}
# The queue of videos never expires, so it is not put out for the cache's sake.
- --maxmemory-policy
- volatile-lru
- --dir
- /data
{{- if .Values.redis.persistence.enabled }}
- --appendonly
- "yes"
{{- else }}
- --save
- ""
{{- end }}
{{- end -}}
