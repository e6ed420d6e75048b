"""What an operation answers, as the OpenAPI document tells of it: successes with their headers, refusals with when."""

from __future__ import annotations

from typing import Any

from shared.core.words import Pair
from shared.http.fields.path_types import PATH_PARAMETER
from shared.http.lists.exporting import MEDIA_TYPES
from shared.http.resources import Route

PLAIN = {"", "uuid", "sha256", "number"}
"""Parts of a path that are there or not; what cannot be an identifier of another kind is told so."""
JSON = "application/json"
PROBLEM = "application/problem+json"
BINARY = {"type": "string", "format": "binary"}
EXPORTS: dict[str, Any] = {MEDIA_TYPES[form]: {"schema": BINARY} for form in ("csv", "xlsx")}


def _header(zh: str, en: str, *, example: Any) -> dict[str, Any]:
    kind = "integer" if isinstance(example, int) else "string"
    return {"description": str(Pair(zh, en)), "schema": {"type": kind, "examples": [example]}}


HEADERS: dict[str, dict[str, Any]] = {
    "ETag": _header("所读内容的版本,供条件请求使用", "The version that was read, for conditional requests",
                    example='"1.3"'),
    "Location": _header("新内容或待处理操作的地址", "Where the new thing or the pending command is",
                        example="/v1/commands/6f1c3c1e-5a0b-4c58-9d0f-0a4f0f2f7a11"),
    "Retry-After": _header("多少秒后可以重试", "After how many seconds to try again", example=17),
    "RateLimit": _header("本时段剩余的请求次数", "How many requests are left in this window",
                         example='"client";r=0;t=17'),
    "RateLimit-Policy": _header("适用的频率限制", "The limit that counts", example='"client";q=600;w=60'),
    "WWW-Authenticate": _header("需要怎样的令牌", "Which token is needed", example='Bearer realm="xietong"'),
}  # fmt: skip
REFUSALS: dict[int, Pair] = {
    400: Pair("请求格式不正确", "The request is malformed"),
    401: Pair("没有有效的访问令牌,或需要重新验证身份", "No valid token, or one has to prove oneself again"),
    403: Pair("没有此项权限,或本辖区当前不能使用", "The scope is missing, or the tenant may not use the platform"),
    404: Pair("不存在,或对您不可见", "Does not exist for you"),
    409: Pair("当前状态不允许,或与另一操作冲突", "The state does not allow it, or another change was faster"),
    412: Pair("内容在您读取之后已被修改", "It was changed after you read it"),
    413: Pair("请求内容过大", "The body is too large"),
    415: Pair("请求内容的类型不符", "The body is of another type than is taken"),
    422: Pair("内容不符合要求,逐项列明位置", "The input is not valid; each fault is named with its place"),
    428: Pair("缺少条件请求头", "The header If-Match is missing"),
    429: Pair("请求过于频繁,请稍后重试", "Too many requests; try again later"),
    503: Pair("系统繁忙,未作更改,请稍后重试", "Busy, nothing was changed; try again later"),
}
ELSEWHERE = Pair("该辖区当前不使用平台", "That tenant does not use the platform now")
CONTENT = Pair("文件内容", "The content")
NOW = Pair("当前内容", "As it is now")
MADE = Pair("已创建", "It was made")
SENT = Pair("已送往主办辖区,结果见所示地址", "On its way to the home tenant; see Location")
UNCHANGED = Pair("自上次读取以来没有变化", "Not changed since it was read")
A_PAGE = Pair("一页结果;填写了 `format` 的,为含全部结果的一个文件", "A page, or with `format` all of it in one file")
BEING_MADE = Pair("正在制作,请按所示秒数后再来", "Being made; see Retry-After")

HEADERS_OF = {
    401: ("WWW-Authenticate",), 429: ("Retry-After", "RateLimit", "RateLimit-Policy"), 503: ("Retry-After",),
}  # fmt: skip
"""What a refusal of this status brings along."""


def answers(route: Route, *, view: Any, listed: Any) -> dict[str, Any]:
    """Every answer by status; `view` and `listed` are references to what is shown."""
    statuses = {404, 429, 503} | (set() if route.is_public else {401, 403})
    kinds = {kind for kind, _name in PATH_PARAMETER.findall(route.rule)}
    is_upload = route.is_raw and route.method == "POST"
    if route.query is not None or route.draft is not None or kinds - PLAIN or is_upload:
        statuses.add(422)
    if route.draft is not None or route.method != "GET":
        statuses |= {400, 409, 413, 415}
    if route.conditional:
        statuses |= {412, 428}
    refused: dict[str, Any] = {}
    for status in sorted(statuses | ({403} if route.is_public and route.method == "POST" else set())):
        pair = ELSEWHERE if route.is_public and status == 403 else REFUSALS[status]
        said = {"description": str(pair), "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
        if names := HEADERS_OF.get(status):
            said["headers"] = _headers(*names)
        refused[str(status)] = said
    return {**_successes(route, view=view, listed=listed), **refused}


def _successes(route: Route, *, view: Any, listed: Any) -> dict[str, Any]:
    if route.media is not None:
        # What is written as JSON is a document to whoever reads it, however it is sent.
        content = {str(route.media): {"schema": {"type": "object"} if route.media == JSON else BINARY}}
        made = {"200": {"description": str(CONTENT), "content": content, "headers": _headers("ETag")}}
        return made if view is None else {**made, "202": _json(view, BEING_MADE, "Retry-After")}
    if route.listed:
        page = _json(listed, A_PAGE)
        return {"200": {**page, "content": {**page["content"], **EXPORTS}}}
    if route.is_raw:
        return {"201": _json(view, MADE, "Location")} if route.method == "POST" else {"200": _json(view, NOW)}
    found = {"201": _json(view, MADE, "Location")} if route.creates else {"200": _json(view, NOW, "ETag")}
    if route.command:
        found["201"] = _json(view, MADE, "Location", "ETag")
        found["202"] = _json({"$ref": "#/components/schemas/Command"}, SENT, "Location", "Retry-After")
    if route.has_etag:
        found["304"] = {"description": str(UNCHANGED), "headers": _headers("ETag")}
    return found


def _json(schema: Any, pair: Pair, *headers: str) -> dict[str, Any]:
    said = {"description": str(pair), "content": {JSON: {"schema": schema}}}
    return {**said, "headers": _headers(*headers)} if headers else said


def _headers(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
