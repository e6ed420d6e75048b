"""Rows of the requests service: items, cases, and what a tenant keeps for itself about them."""

from services.requests.models.bulletins import Bulletin as Bulletin
from services.requests.models.bulletins import BulletinRow as BulletinRow
from services.requests.models.cases import Assignment as Assignment
from services.requests.models.cases import Case as Case
from services.requests.models.cases import Counter as Counter
from services.requests.models.cases import Item as Item
from services.requests.models.cases import ItemRow as ItemRow
from services.requests.models.cases import Message as Message
from services.requests.models.cases import Note as Note
from services.requests.models.cases import Tally as Tally
from services.requests.models.common import CommonRevision as CommonRevision
from services.requests.models.common import CommonSheet as CommonSheet
from services.requests.models.duties import DutyRule as DutyRule
from services.requests.models.duties import Routing as Routing
from services.requests.models.park_duties import DutyRevision as DutyRevision
from services.requests.models.park_duties import DutyTable as DutyTable
from services.requests.models.places import KnownPark as KnownPark
from services.requests.models.places import Place as Place
from services.requests.models.refusals import Refusal as Refusal
from services.requests.models.second_handling import FormerAssignment as FormerAssignment
from services.requests.models.threads import Mention as Mention
