{{- define "shop.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "shop.fullname" -}}
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

{{- define "shop.secretName" -}}
{{- default (include "shop.fullname" .) .Values.auth.existingSecret }}
{{- end }}

{{/* Labels that never change: (list $ "component") */}}
{{- define "shop.selectorLabels" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ include "shop.name" $root }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- define "shop.labels" -}}
{{- $root := index . 0 -}}
{{ include "shop.selectorLabels" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- end }}

{{/* Name and labels of an object: (list $ "component") */}}
{{- define "shop.metadata" -}}
name: {{ include "shop.fullname" (index . 0) }}-{{ index . 1 }}
labels:
  {{- include "shop.labels" . | nindent 2 }}
{{- end }}

{{- define "shop.image" -}}
image: {{ .repository }}:{{ .tag }}
imagePullPolicy: {{ .pullPolicy }}
{{- end }}

{{/* A given value, else what the Secret holds already, else a random one: (list $ "key") */}}
{{- define "shop.secretValue" -}}
{{- $root := index . 0 }}
{{- $key := index . 1 }}
{{- $secret := lookup "v1" "Secret" $root.Release.Namespace (include "shop.fullname" $root) }}
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
{{- define "shop.secretEnv" -}}
- name: {{ index . 1 }}
  valueFrom:
    secretKeyRef:
      name: {{ include "shop.secretName" (index . 0) }}
      key: {{ index . 2 }}
{{- end }}

{{- define "shop.podSettings" -}}
{{- $root := index . 0 -}}
automountServiceAccountToken: false
{{- with $root.Values.imagePullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: {{ index . 1 }}
  runAsGroup: {{ index . 1 }}
  fsGroup: {{ index . 1 }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- end }}

{{- define "shop.containerSecurityContext" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end }}

{{/* What a container of the shop's own programs is: (list $ "command" resources) */}}
{{- define "shop.program" -}}
{{- $root := index . 0 -}}
{{ include "shop.image" $root.Values.image }}
args: [{{ index . 1 }}]
{{ include "shop.containerSecurityContext" $root }}
env:
  - name: POSTGRES_HOST
    value: {{ include "shop.fullname" $root }}-postgresql
  - name: POSTGRES_DATABASE
    value: {{ $root.Values.postgresql.database }}
  - name: REDIS_HOST
    value: {{ include "shop.fullname" $root }}-redis
  - name: JOB_SECONDS
    value: {{ $root.Values.worker.jobSeconds | quote }}
  {{- include "shop.secretEnv" (list $root "POSTGRES_USER" "username") | nindent 2 }}
  {{- include "shop.secretEnv" (list $root "POSTGRES_PASSWORD" "password") | nindent 2 }}
  {{- include "shop.secretEnv" (list $root "REDIS_PASSWORD" "redisPassword") | nindent 2 }}
resources:
  {{- toYaml (index . 2) | nindent 2 }}
{{- end }}

{{/* The claim of a StatefulSet: (list $ "component" persistence) */}}
{{- define "shop.claimTemplate" -}}
{{- $volume := index . 2 -}}
- metadata:
    name: data
    labels:
      {{- include "shop.selectorLabels" . | nindent 6 }}
  spec:
    accessModes: {{ toYaml $volume.accessModes | nindent 6 }}
    {{- with $volume.storageClass }}
    storageClassName: {{ . | quote }}
    {{- end }}
    resources:
      requests:
        storage: {{ $volume.size }}
{{- end }}
