"""Remove the state folder, and what lies outside it because PostgreSQL refuses to run as root."""

from __future__ import annotations

from deploy.local.stack import Stack
from shared.core.settings import state_folder

if __name__ == "__main__":
    Stack(state_folder()).remove()
