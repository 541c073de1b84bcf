"""The pod that streams a dump: restic writes into a pipe, the service's own client reads from it.

Two containers, so that each side has an exit code and a log of its own, and the repository's
credentials are where restic is and nowhere else. The data does not leave the cluster.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.cluster.api import Object
from provisioner.errors import ConfigurationError
from provisioner.models.places import Stream
from provisioner.restores.claims.chart import pod_of, title
from provisioner.restores.pods.manifest import (
    BEYOND,
    restic_container,
    restic_volumes,
    restore_labels,
)
from provisioner.restores.reading import OnlyReading

CLIENT = "client"
DUMPED = "dumped"
"""The type of the last message in restic's log, see ``_SCRIPT``."""

_FOLDER = "/provisioner-dump"
_PIPE = f"{_FOLDER}/pipe"

_SCRIPT = f"""\
cd /cache && mkfifo raw seen && mkfifo -m 666 {_PIPE}.new && mv {_PIPE}.new {_PIPE} || exit 1
restic dump "$1" "$2" --json --quiet --no-lock > raw &
restic=$!
tee {_PIPE} < raw > seen &
tee=$!
trap 'kill "$restic" "$tee"; exit 143' TERM
ends() {{
  dd bs=1 count=2048 of=head 2>/dev/null
  tail -c 2048 > tail
}}
bunzip() {{
  bzip2 -dc || return 1
}}
packed() {{
  printf "$1" | cmp -s - magic && command -v "$2" >/dev/null
}}
through() {{
  {{ "$@" 2>/dev/null; [ $? = 1 ] && : > torn; }} | ends
}}
plain() {{
  if packed '\\037\\213' gzip; then through gzip -dc
  elif packed '\\375\\067' xz; then through xz -dc
  elif packed '\\050\\265' zstd; then through zstd -dc
  elif packed BZ bzip2; then through bunzip
  else ends
  fi
}}
{{ dd bs=1 count=2 of=magic 2>/dev/null; cat magic - | plain; }} < seen &
look=$!
while sleep 1
do
  while read -r key value
  do
    [ "$key" = rchar: ] && echo '{{"message_type":"status","total_files":1,' \
      '"total_bytes":'$3',"bytes_restored":'$value'}}'
  done < /proc/$tee/io
done 2>/dev/null &
ticker=$!
wait "$restic"
restic=$?
wait "$tee"
tee=$?
kill "$ticker"
wait "$look"
lacks() {{
  grep -aqF -e "$1" head && ! grep -aqF -e "$2" head tail
}}
cut=
[ -e torn ] && cut='its compressed data is cut short'
if grep -aqF -e '-- PostgreSQL database cluster dump' head
then lacks '-- ' '-- PostgreSQL database cluster dump complete' && cut='pg_dumpall did not end it'
else lacks '-- PostgreSQL database dump' '-- PostgreSQL database dump complete' &&
  cut='pg_dump did not end it'
fi
lacks '-- MySQL dump' '-- Dump completed' && cut='mysqldump did not end it'
lacks '-- MariaDB dump' '-- Dump completed' && cut='mariadb-dump did not end it'
echo '{{"message_type":"{DUMPED}","exit_code":'$restic',"piped":'$tee',"cut":"'"$cut"'"}}'
exit $restic
"""
"""Dump file $2 of snapshot $1, which has $3 bytes, into the pipe.

What passes is looked at on the way: the dump programs write a last line, without which a dump was
cut short, though every statement in it may be whole. ``tee`` fails when the client reads no longer.
1 is what the programs that unpack end with at an error; some have a 2 for a mere warning.
"""

UNREAD = "provisioner: the client ended before it had read the whole dump"

_CLIENT_SCRIPT = f"""\
until [ -p {_PIPE} ]; do sleep 0.2; done
exec 3< {_PIPE}
"$@" <&3 3<&- &
client=$!
trap 'kill "$client"; exit 143' TERM
wait "$client" || exit
if IFS= read -r rest <&3 || [ -n "$rest" ]
then
  case "$*" in
  *pg_restore*)
    {{ printf '%s\\n' "$rest"; cat <&3; }} |
      grep -aF -e '-- PostgreSQL database dump complete' >/dev/null && exit
  esac
  echo '{UNREAD}' >&2
  exit 1
fi
"""
"""A small dump fits into the pipe: so what the client has left there is looked for.

``read`` is in every shell. It passes over zero bytes, which tar leaves behind an archive's end.
pg_restore does not read the script that ends a dump in the tar format.
"""

_FILES = ("secret", "configMap", "projected", "downwardAPI", "emptyDir")
"""Volumes that the client may need, e.g. for a password in a file; never a claim."""

_OF_POD = ("nodeSelector", "tolerations", "imagePullSecrets")
_OF_CONTAINER = ("image", "imagePullPolicy", "env", "envFrom", "workingDir", "securityContext")


@dataclass(frozen=True)
class PlannedStream(OnlyReading):
    """One snapshot, pinned, and the running service that a dump in it goes into.

    ``size`` is the dump's, in bytes; ``workload`` is the service's as it is rendered.
    """

    file: str
    size: int
    workload: Object

    @property
    def stream(self) -> Stream:
        """What the document says of it."""
        assert self.restore.into.stream is not None  # it was planned by it  # noqa: S101
        return self.restore.into.stream

    @property
    def place(self) -> str:
        """As ``Reading`` has it."""
        return "the folder of restic's cache"


def manifest(planned: PlannedStream, seconds: float) -> Object:
    """The pod; ``seconds`` is what is left; the cluster itself ends it a little later."""
    service = pod_of(planned.workload)
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": planned.object_name, "labels": restore_labels(planned)},
        "spec": {
            **{key: service[key] for key in _OF_POD if service.get(key)},
            "activeDeadlineSeconds": round(seconds) + BEYOND,
            "restartPolicy": "Never",
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "terminationGracePeriodSeconds": 5,
            "securityContext": service.get("securityContext") or {},
            "containers": [_restic(planned), _client(planned, service)],
            "volumes": [
                *restic_volumes(planned),
                {"name": "dump", "emptyDir": {"sizeLimit": "1Mi"}},
                *_volumes(service),
            ],
        },
    }


def container_of(restore: str, stream: Stream, workload: Object) -> Object:
    """The container of the service that its client is like.

    Raises:
        ConfigurationError: the workload has no such container.
    """
    there = pod_of(workload).get("containers") or []
    found = [one for one in there if stream.container in (None, one["name"])]
    if not found:
        raise ConfigurationError(
            f"restore {restore}: {title(workload)} has no container {stream.container}",
            hint=f"its containers: {', '.join(one['name'] for one in there)}",
        )
    return dict(found[0])


def _restic(planned: PlannedStream) -> Object:
    arguments = [planned.snapshot.id, planned.file, str(planned.size)]
    return restic_container(planned, _SCRIPT, arguments, [_mount()])


def _client(planned: PlannedStream, service: Mapping[str, Any]) -> Object:
    like = container_of(planned.restore.name, planned.stream, planned.workload)
    own = [{"name": name, "value": value} for name, value in planned.stream.env.items()]
    files = {volume["name"] for volume in _volumes(service)}
    mounts = [one for one in like.get("volumeMounts") or [] if one["name"] in files]
    return {
        **{key: like[key] for key in _OF_CONTAINER if key in like},
        "name": CLIENT,
        "command": ["sh", "-c", _CLIENT_SCRIPT, "sh"],
        "args": planned.stream.command,
        # Its own last: they may stand for what is before them.
        "env": [*(like.get("env") or []), *own],
        "volumeMounts": [*mounts, _mount()],
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}},
    }


def _mount() -> Object:
    return {"name": "dump", "mountPath": _FOLDER}


def _volumes(service: Mapping[str, Any]) -> list[Object]:
    return [one for one in service.get("volumes") or [] if any(kind in one for kind in _FILES)]
