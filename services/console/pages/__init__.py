"""Pages of the console: importing a module adds what it declares."""

from services.console import areas as areas
from services.console.pages import bulk as bulk
from services.console.pages import calendar as calendar
from services.console.pages import comparing as comparing
from services.console.pages import differences as differences
from services.console.pages import drafts as drafts
from services.console.pages import facilities as facilities
from services.console.pages import finding as finding
from services.console.pages import forms as forms
from services.console.pages import health as health
from services.console.pages import imports as imports
from services.console.pages import jobs as jobs
from services.console.pages import lists as lists
from services.console.pages import notifications as notifications
from services.console.pages import papers as papers
from services.console.pages import patterns as patterns
from services.console.pages import recognition as recognition
from services.console.pages import roles as roles
from services.console.pages import service_items as service_items
from services.console.pages import signing_in as signing_in
from services.console.pages import things as things
from services.console.pages import waiting as waiting
from services.console.pages import watching as watching
from services.console.pages import workbench as workbench
from services.console.pages import working_days as working_days
from services.console.routes import routes as routes
