{{- define "verify-sandbox.labels" -}}
app.kubernetes.io/name: verify-sandbox
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}
