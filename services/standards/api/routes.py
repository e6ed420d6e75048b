"""The one list of routes of this service, and how its things are shown."""

from __future__ import annotations

from services.standards.domain.scopes import READ
from services.standards.queries import names
from shared.http.names import named
from shared.http.routes import Routes

routes = Routes("standards")
named("standard", zh="标准", en="standard")(names.STANDARDS)
named("project", zh="标准项目", en="standard in the making", scope=READ)(names.PROJECTS)
named("consultation", zh="征求意见稿", en="draft open for comment")(names.CONSULTATIONS)
named("comment", zh="意见", en="comment", scope=READ)(names.comment_names)
named("body", zh="合格评定机构", en="conformity body")(names.BODIES)
named("certificate", zh="证书", en="certificate")(names.CERTIFICATES)
named("recognition", zh="互认", en="recognition", scope=READ)(names.RECOGNITIONS)
named("consequence", zh="后续处置", en="consequence", scope=READ)(names.consequence_names)
