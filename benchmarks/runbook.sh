#!/bin/bash
# What a good engineer types to try the blog's backups: install the chart, stop it, replace its
# data by the newest snapshots, start it again, and look. Usage: runbook.sh NAMESPACE CHART VALUES
set -euo pipefail
namespace=$1 chart=$2 values=$3
k() { kubectl --namespace "$namespace" "$@"; }

kubectl create namespace "$namespace" >/dev/null
for secret in blog-wordpress restic-database restic-uploads; do
  kubectl --namespace production get secret "$secret" --output yaml |
    sed -E '/^  (namespace|uid|resourceVersion|creationTimestamp):/d' | k apply -f - >/dev/null
done

helm install blog "$chart" --namespace "$namespace" --values "$values" \
  --set auth.existingSecret=blog-wordpress --wait --timeout 5m >/dev/null

k scale statefulset/blog-mariadb deployment/blog-wordpress --replicas=0 >/dev/null
k wait pod --for=delete --selector app.kubernetes.io/instance=blog --timeout=2m >/dev/null

restore() { # name, claim, repository, group
  cat <<JOB
apiVersion: batch/v1
kind: Job
metadata: {name: restore-$1}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      securityContext: {runAsUser: 0, fsGroup: $4, fsGroupChangePolicy: OnRootMismatch}
      containers:
        - name: restic
          image: localhost/restic:dev
          imagePullPolicy: IfNotPresent
          command: [bash, -c]
          args:
            - find /restore -mindepth 1 -delete &&
              restic restore latest:/data --host blog --tag blog --target /restore --no-lock
          env: [{name: RESTIC_REPOSITORY, value: "$3"}, {name: RESTIC_CACHE_DIR, value: /tmp}]
          envFrom: [{secretRef: {name: restic-$1}}]
          volumeMounts: [{name: target, mountPath: /restore}]
      volumes: [{name: target, persistentVolumeClaim: {claimName: $2}}]
---
JOB
}
{
  restore database data-blog-mariadb-0 "rest:http://10.96.50.10:8000/production" 999
  restore uploads blog-wordpress-uploads "s3:http://10.96.50.11:9000/production-uploads" 33
} | k apply -f - >/dev/null
k wait job/restore-database job/restore-uploads --for=condition=complete --timeout=10m >/dev/null

k scale statefulset/blog-mariadb deployment/blog-wordpress --replicas=1 >/dev/null
k rollout status statefulset/blog-mariadb --timeout=5m >/dev/null
k rollout status deployment/blog-wordpress --timeout=5m >/dev/null

sql() { k exec blog-mariadb-0 -- mariadb --skip-column-names --execute "$1" wordpress; }
expect() { [ "$2" = "$3" ] || { echo "$1: expected $3, saw $2" >&2; exit 1; }; }
posts=$(sql "SELECT COUNT(*) >= 300 FROM wp_posts WHERE post_type = 'post' AND post_status = 'publish'")
deleted=$(sql "SELECT COUNT(*) FROM wp_posts WHERE post_name = 'deleted-after-the-backup'")
added=$(sql "SELECT COUNT(*) FROM wp_posts WHERE post_name = 'added-after-the-backup'")
page=$(k exec deployment/blog-wordpress --container wordpress -- php -r 'echo file_get_contents(
  "http://127.0.0.1:8080/", false, stream_context_create(["http" => ["header" =>
  "Host: blog.example.test"]]));' | grep -c "Diary of the lighthouse keeper" || true)
expect "posts" "$posts" 1
expect "the deleted post" "$deleted" 1
expect "the added post" "$added" 0
expect "front page" "$((page > 0))" 1
