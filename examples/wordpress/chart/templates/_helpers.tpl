{{- define "wordpress.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "wordpress.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{- define "wordpress.mariadb.fullname" -}}
{{- printf "%s-mariadb" .Release.Name | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "wordpress.secretName" -}}
{{- default (include "wordpress.fullname" .) .Values.auth.existingSecret }}
{{- end }}

{{- define "wordpress.siteHost" -}}
{{- (urlParse .Values.wordpress.siteUrl).host }}
{{- end }}

{{/* Labels that never change: (list $ "component") */}}
{{- define "wordpress.selectorLabels" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ include "wordpress.name" $root }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- define "wordpress.labels" -}}
{{- $root := index . 0 -}}
{{ include "wordpress.selectorLabels" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "wordpress.image" -}}
{{ .repository }}:{{ .tag }}
{{- end }}

{{/* A given value, else what the Secret holds already, else a random one: (list $ "key") */}}
{{- define "wordpress.secretValue" -}}
{{- $root := index . 0 }}
{{- $key := index . 1 }}
{{- $secret := lookup "v1" "Secret" $root.Release.Namespace (include "wordpress.fullname" $root) }}
{{- $kept := get (default dict (default dict $secret).data) $key }}
{{- if index $root.Values.auth $key }}
{{- index $root.Values.auth $key | b64enc }}
{{- else if $kept }}
{{- $kept }}
{{- else }}
{{- randAlphaNum 32 | b64enc }}
{{- end }}
{{- end }}

{{/* One key of the Secret as an environment variable: (list $ "NAME" "key") */}}
{{- define "wordpress.secretEnv" -}}
- name: {{ index . 1 }}
  valueFrom:
    secretKeyRef:
      name: {{ include "wordpress.secretName" (index . 0) }}
      key: {{ index . 2 }}
{{- end }}

{{- define "wordpress.env" -}}
envFrom:
  - configMapRef:
      name: {{ include "wordpress.fullname" . }}
env:
  {{- include "wordpress.secretEnv" (list . "WORDPRESS_DB_USER" "username") | nindent 2 }}
  {{- include "wordpress.secretEnv" (list . "WORDPRESS_DB_PASSWORD" "password") | nindent 2 }}
  {{- include "wordpress.secretEnv" (list . "WORDPRESS_SALT" "salt") | nindent 2 }}
{{- end }}

{{- define "wordpress.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "wordpress.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- define "wordpress.volumeSpec" -}}
accessModes: {{ toYaml .accessModes | nindent 2 }}
{{- with .storageClass }}
storageClassName: {{ . | quote }}
{{- end }}
resources:
  requests:
    storage: {{ .size }}
{{- end }}
