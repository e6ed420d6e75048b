"""What is special about each resource; importing a module declares its areas."""

from services.console.areas import parks as parks
from services.console.areas import standards as standards
