{{- define "mien.redisArgs" -}}
- --requirepass
- $(REDIS_PASSWORD)
- --maxmemory
- {{ .Values.redis.maxMemory | quote }}
# The queue of videos and its jobs have no expiry, so they are never evicted.
- --maxmemory-policy
- volatile-lru
- --dir
- /data
# No snapshots: each needs a second process, and memory for what changes meanwhile.
- --save
- ""
{{- if .Values.redis.persistence.enabled }}
- --appendonly
- "yes"
{{- end }}
{{- end -}}
