#!/bin/sh
# Sets up what the make targets need: `setup.sh python` the virtual environment alone,
# `setup.sh machine` also the system packages of the local cluster (Debian 12, root).
# Reuses what is there, and can be interrupted and run again.
set -eu
cd "$(dirname "$0")/.."

# Beside these the local cluster needs nothing of the system.
machine_packages="buildah ca-certificates containerd containernetworking-plugins iproute2
kmod mmdebstrap mount nftables python3 runc util-linux"

say() { echo "setup: $*" >&2; }

refuse() {
    cat >&2 <<END
setup: $1

This target sets up the local cluster by itself on a Debian 12 machine, as root; it installs
system packages and starts Kubernetes there. Without such a machine, use a cluster you have:

    pip install .
    provisioner run verifier.yaml       # your own: README.md shows how to write it

with your own kubeconfig. README.md tells how, under "Your own application on your own cluster".
END
    exit 2
}

is_debian_12() {
    [ -r /etc/os-release ] && (. /etc/os-release && [ "${ID:-}" = debian ] && [ "${VERSION_ID:-}" = 12 ])
}

require_machine() {
    is_debian_12 || refuse "this machine is not Debian 12."
    [ "$(id -u)" = 0 ] || refuse "this needs root."
}

is_installed() {
    [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

install_packages() {
    missing=""
    for package in "$@"; do
        is_installed "$package" || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    say "installing Debian packages:$missing"
    export DEBIAN_FRONTEND=noninteractive
    # An interrupted installation leaves packages half configured.
    quietly dpkg --configure -a
    quietly apt-get update -qq
    # shellcheck disable=SC2086 # a list of words
    quietly apt-get install -y -qq --no-install-recommends $missing
}

# What packages say of themselves is of interest only when something goes wrong.
quietly() {
    output=$(mktemp)
    if ! "$@" >"$output" 2>&1; then
        cat "$output" >&2
        rm -f "$output"
        say "failed: $*"
        exit 1
    fi
    rm -f "$output"
}

is_good_python() {
    "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for python in python3 python3.13 python3.12 python3.11 /usr/bin/python3; do
        if is_good_python "$python"; then
            echo "$python"
            return 0
        fi
    done
    return 1
}

install_python() {
    find_python >/dev/null && return 0
    is_debian_12 && [ "$(id -u)" = 0 ] || refuse "there is no Python >= 3.11 with venv here."
    install_packages python3 python3-venv
}

make_environment() {
    wanted=$(cat pyproject.toml constraints.txt "$0" | sha256sum)
    [ "$(cat .venv/provisioner-stamp 2>/dev/null)" = "$wanted" ] && return 0
    if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
        say "making the virtual environment .venv"
        "$(find_python)" -m venv --clear .venv
    fi
    say "installing Python packages into .venv"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check \
        --constraint constraints.txt --editable '.[dev]' >&2
    echo "$wanted" >.venv/provisioner-stamp
}

# One at a time, where two targets run side by side.
one_at_a_time() {
    command -v flock >/dev/null || return 0
    exec 9<Makefile
    flock 9
}

one_at_a_time
case "${1:-}" in
python) ;;
machine)
    require_machine
    # shellcheck disable=SC2086 # a list of words
    install_packages $machine_packages
    ;;
*)
    echo "usage: setup.sh python | machine" >&2
    exit 2
    ;;
esac
install_python
make_environment
