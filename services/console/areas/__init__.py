"""What is special about each resource; importing a module declares its areas."""

from services.console.areas import administration as administration
from services.console.areas import calendars as calendars
from services.console.areas import facilities as facilities
from services.console.areas import notices as notices
from services.console.areas import organisations as organisations
from services.console.areas import parks as parks
from services.console.areas import requests as requests
from services.console.areas import standards as standards
