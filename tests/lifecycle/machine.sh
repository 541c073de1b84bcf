#!/bin/sh
# A machine within the machine, with network, mounts, processes and control groups of its own,
# so that a cluster can come and go in it while another one runs outside.
#   machine.sh boot NAME FOLDER   becomes the machine's first process, until it is killed
#   machine.sh run NAME PID ...   runs a command in it
#   machine.sh remove NAME        removes its control groups once it is gone
set -eu
action=$1
name=$2
shift 2

hierarchies() { awk '$3 == "cgroup" || $3 == "cgroup2" { print $2 }' /proc/mounts; }

join() {
    for hierarchy in $(hierarchies); do
        [ -e "$hierarchy/cgroup.procs" ] || continue
        mkdir -p "$hierarchy/$name"
        if [ -e "$hierarchy/cpuset.cpus" ] && [ ! -s "$hierarchy/$name/cpuset.cpus" ]; then
            cat "$hierarchy/cpuset.cpus" >"$hierarchy/$name/cpuset.cpus"
            cat "$hierarchy/cpuset.mems" >"$hierarchy/$name/cpuset.mems"
        fi
        echo $$ >"$hierarchy/$name/cgroup.procs"
    done
}

mount_control_groups() {
    awk '$3 ~ /^cgroup2?$/ { print $2, $3, $4 }' /proc/mounts >/tmp/hierarchies.$$
    umount --recursive /sys
    mount -t sysfs sysfs /sys
    if grep -q '^/sys/fs/cgroup cgroup2' /tmp/hierarchies.$$; then
        mount -t cgroup2 cgroup2 /sys/fs/cgroup
        return
    fi
    mount -t tmpfs cgroup /sys/fs/cgroup
    while read -r place kind options; do
        # What is left of the options is the hierarchy's name or its controllers.
        options=$(echo "$options" | tr , '\n' | grep -vxE 'rw|relatime|nosuid|nodev|noexec' | paste -sd, -)
        mkdir -p "$place"
        [ "$kind" = cgroup ] && case $options in name=*) options="none,$options" ;; esac
        mount -t "$kind" ${options:+-o "$options"} cgroup "$place"
    done </tmp/hierarchies.$$
}

boot() {
    folder=$1
    ip link set lo up
    # Mounts of a cluster outside are only in this machine's way.
    awk '$2 ~ "^/var/lib/provisioner-devcluster/" { print $2 }' /proc/mounts | tac | xargs -r umount -l
    mount_control_groups
    rm -f /tmp/hierarchies.$$
    mount -t tmpfs run /run
    mkdir -p /run/lock "$folder/lib" "$folder/log"
    mount --bind "$folder/lib" /var/lib
    mount --bind "$folder/log" /var/log
    touch "$folder/booted"
    while :; do sleep 1000 || true; done
}

case $action in
boot)
    join
    exec unshare --net --mount --propagation private --pid --fork --kill-child --cgroup --uts --ipc \
        --mount-proc "$0" booting "$name" "$@"
    ;;
booting) boot "$@" ;;
run)
    pid=$1
    shift
    join
    exec nsenter --target "$pid" --net --mount --pid --cgroup --uts --ipc --wd="$PWD" "$@"
    ;;
remove)
    for hierarchy in $(hierarchies); do
        [ -d "$hierarchy/$name" ] && find "$hierarchy/$name" -depth -type d -exec rmdir {} +
    done
    ;;
esac
