"""The demonstration: three parties bring a real park into force over the running platform, every step timed."""

from deploy.demo.cli import demo

__all__ = ["demo"]
