"""The jars of Apache Kafka: named and hashed in `kafka.lock`, fetched once per user, verified on every start."""

from __future__ import annotations

import hashlib
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.local.errors import StackError

if TYPE_CHECKING:
    from jgo.maven import MavenContext

LOCK = Path(__file__).with_name("kafka.lock")
MIRROR = "XIETONG_MAVEN_MIRROR"
AUTHORITIES = "REQUESTS_CA_BUNDLE"
"""A PEM file of all authorities that are trusted; pip, which fetches everything else, reads the same variable."""
# Kafka speaks to slf4j and ships no binding for it; without this one its log would be silent.
WANTED = ("org.apache.kafka:kafka_2.13:4.1.2", "org.apache.logging.log4j:log4j-slf4j-impl:2.25.3")


def cache_folder() -> Path:
    """Outside the state folder: `make clean` followed by an offline start still finds the jars."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "xietong" / "kafka"


def ensure_jars() -> list[Path]:
    """Every jar of the lock, fetched if need be (8 at a time: 4 s instead of 33 s one by one)."""
    locked = [line.split() for line in LOCK.read_text().splitlines()]
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda entry: _ensure_jar(entry[0], digest=entry[1]), locked))


def _ensure_jar(coordinate: str, *, digest: str) -> Path:
    group, name, version = coordinate.split(":")
    path = cache_folder() / group.replace(".", "/") / name / version / f"{name}-{version}.jar"
    if path.exists() and _sha256(path) == digest:
        return path
    path.unlink(missing_ok=True)
    try:
        _context().project(group, name).at_version(version).artifact().resolve()
    except (OSError, RuntimeError) as error:
        raise StackError(
            "首次启动需要联网下载 Apache Kafka(约 45 MB),但下载失败。请接通网络后再运行一次;以后可离线启动。"
            f"有镜像时设置 {MIRROR}=https://…,自建证书机构时设置 {AUTHORITIES}=其证书文件。",
            "The first start downloads Apache Kafka (about 45 MB) and could not: connect to the network, run it again;"
            f" later starts work offline. Behind a mirror set {MIRROR}=https://…, behind a private CA"
            f" {AUTHORITIES}=its certificates. ({type(error).__name__}: {error})",
        ) from error
    if not path.exists() or _sha256(path) != digest:
        path.unlink(missing_ok=True)
        raise StackError(
            f"{coordinate} 的内容与 kafka.lock 不符,已删除。请检查镜像后重试。",
            f"{coordinate} is not what kafka.lock says, and was removed: check your mirror.",
        )
    return path


def _context() -> MavenContext:
    """Maven's central repository, or the mirror that is set, or those that the user's own jgo settings name."""
    from jgo.config import GlobalSettings  # noqa: PLC0415 - slow to load, and seldom needed
    from jgo.maven import MavenContext  # noqa: PLC0415

    given = os.environ.get(MIRROR)
    mirrors = {"mirror": given} if given else GlobalSettings.load().repositories
    return MavenContext(repo_cache=cache_folder(), remote_repos=mirrors or None, timeout=30)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def resolve() -> str:
    """The text of a fresh `kafka.lock`: to change versions, write the output of `python -m deploy.local.jars` there."""
    import jgo  # noqa: PLC0415 - as above

    found = {str(a.component): a for wanted in WANTED for a in jgo.resolve(wanted) if a.packaging == "jar"}
    jars = sorted(found.items())
    return "".join(f"{jar.groupId}:{jar.artifactId}:{jar.version} {_sha256(jar.resolve())}\n" for _, jar in jars)


if __name__ == "__main__":
    sys.stdout.write(resolve())
