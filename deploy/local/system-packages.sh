#!/bin/sh
# Install the Debian packages that tests use as independent clients, where they are missing and we may.
set -eu

missing=
for program in "$@"; do
    command -v "$program" >/dev/null 2>&1 || missing="$missing $program"
done
[ -n "$missing" ] || exit 0

say() {
    echo "缺少$missing:请安装同名软件包,否则相关测试会被跳过。" >&2
    echo "Missing:$missing. Install the packages of that name; until then the tests that need them are skipped." >&2
}

sudo=
[ "$(id -u)" = 0 ] || sudo="sudo -n"
if ! command -v apt-get >/dev/null 2>&1 || ! $sudo true 2>/dev/null; then
    say
    exit 0
fi
# shellcheck disable=SC2086 # both are lists of words
{ $sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing; } \
    >/dev/null 2>&1 || say
