#!/bin/sh
# Make .venv from requirements.lock; says in one sentence what to do when that cannot be.
set -eu

stop() {
    printf '%s\n%s\n' "$1" "$2" >&2
    exit 1
}

python=
for candidate in python3.11 python3 python; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
        python=$candidate
        break
    fi
done
[ -n "$python" ] || stop \
    "未找到 Python 3.11。请安装(例如 apt install python3.11 python3.11-venv,或 uv python install 3.11)后再运行。" \
    "Python 3.11 was not found: install it (for example apt install python3.11 python3.11-venv, or uv python install 3.11) and run this again."

free=$(df -Pk . | awk 'NR == 2 { print $4 }')
[ "$free" -gt 1500000 ] || stop \
    "此磁盘可用空间不足 1.5 GB。请清理后再运行。" \
    "Less than 1.5 GB are free on this disk: make room and run this again."

# The project itself is linked, not copied: as long as the lock stands, only its commands have to be renewed.
install_project() {
    .venv/bin/python -m pip install --quiet --no-deps --no-build-isolation --no-index -e . >>.venv/install.log 2>&1
}
if [ -x .venv/bin/python ] && cmp -s requirements.lock .venv/requirements.lock && install_project; then
    touch .venv/complete
    exit 0
fi

echo "正在按 requirements.lock 准备 .venv / Making .venv from requirements.lock …"
rm -rf .venv
"$python" -m venv .venv || stop \
    "无法建立虚拟环境。在 Debian 或 Ubuntu 上请先 apt install python3.11-venv。" \
    "The virtual environment cannot be made: on Debian or Ubuntu run apt install python3.11-venv first."

log=.venv/install.log
# Kept outside the project, so that `make clean` followed by an offline `make run` works.
wheels="${XDG_CACHE_HOME:-$HOME/.cache}/xietong/wheels"
mkdir -p "$wheels"
install_wheels() {
    .venv/bin/python -m pip install --quiet --no-compile --no-deps --require-hashes --no-index \
        --find-links "$wheels" --only-binary :all: -r requirements.lock >>"$log" 2>&1
}
fetch_wheels() {
    .venv/bin/python -m pip download --quiet --no-deps --require-hashes --dest "$wheels" \
        --only-binary :all: -r requirements.lock >>"$log" 2>&1
}
install_wheels || { fetch_wheels && install_wheels; } || {
    tail -n 4 "$log" >&2
    stop \
        "安装依赖失败(原因见上)。首次运行需要联网;请检查网络和磁盘后再运行一次,之后可离线使用。有镜像时设置 PIP_INDEX_URL=https://…(下载 Kafka 用 XIETONG_MAVEN_MIRROR=https://…),自建证书机构时设置 REQUESTS_CA_BUNDLE=其证书文件。" \
        "The packages could not be installed, see above: the first run needs the network; check network and disk and run this again. Later runs work offline. Behind a mirror set PIP_INDEX_URL=https://… (and XIETONG_MAVEN_MIRROR=https://… for Kafka), behind a private CA REQUESTS_CA_BUNDLE=its certificates."
}
install_project || {
    tail -n 4 "$log" >&2
    stop "无法安装本项目,原因见上。" "The project itself could not be installed; the reason stands above."
}
# Each start runs several processes: bytecode made once here saves seconds at every one, also where Python may not write it.
.venv/bin/python - >>"$log" 2>&1 <<'COMPILE' || true
import compileall, sysconfig
from pathlib import Path
packages = """PIL alembic apispec argon2 attr blinker certifi click cryptography dateutil defusedxml flask fontTools fpdf fsspec
gunicorn itsdangerous jinja2 joserfc kafka mako markdown_it markupsafe marshmallow packaging prometheus_client psycopg psycopg_binary pygments rich rfc8785
sqlalchemy stdnum structlog typing_extensions.py werkzeug yaml _pytest pytest xdist execnet hypothesis""".split()
site = Path(sysconfig.get_path("purelib"))
for folder in [*(site / name for name in packages), *map(Path, ("services", "shared", "events", "deploy"))]:
    if folder.is_dir():
        compileall.compile_dir(folder, quiet=2, workers=0)
    elif folder.exists():
        compileall.compile_file(folder, quiet=2)
COMPILE
cp requirements.lock .venv/requirements.lock
touch .venv/complete
