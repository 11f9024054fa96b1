"""What a schema cannot say of the shop, told to schemathesis.

Data that fit the schema and are refused are a failure, but for these refusals:

* a cursor of the client's own making: cursors are signed, and come from pages;
* a page number that is too great only together with the page size;
* a request target of more than 64 KiB, as lists of long texts make it: the server does not read it;
* a category that does not exist;
* a precondition that does not hold;
* a key that belongs to another request, as short keys soon do, and a key with lines;
* `stop_after` together with `mode=atomic` or beyond 64 bits, and for lines the classic body and
  all or nothing: parameters are the same for both types of bodies;
* an integer that is written with a fraction of zero;
* operations of a JSON Patch that are not possible on the product as it is;
* entity tags without quotes, which schemathesis takes for ones that fit their pattern.

Data that do not fit the schema and are taken are a failure, but for these:

* a batch, in which each item is refused on its own;
* a precondition that is refused because it does not hold, and a list of tags without any.
"""

import json
import re

import schemathesis

# The bound of hyper's parser.
LONGEST_TARGET = 65_534
# Items that a page may have before it, which is one less than the greatest `page`.
DEPTH = 10_000
# The greatest `stop_after` that can be read.
MOST_FAILURES = 2**64 - 1
# Refusals of what only the state of the shop, or another part of the request, makes wrong.
CIRCUMSTANCES = {
    "idempotency_key_reused",
    "idempotency_key_not_taken",
    "precondition_failed",
    "unknown_category",
}
# The pattern of `If-Match` and `If-None-Match`.
TAGS = re.compile(r'(\*|(W/)?"[!#-~]*"([ \t]*,[ \t]*(W/)?"[!#-~]*")*)')


@schemathesis.serializer("application/x-ndjson")
def lines(context, value):
    """One line."""
    return json.dumps(value).encode() + b"\n"


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Whether the failure counts."""
    match type(failure).__name__:
        case "RejectedPositiveData":
            return not may_refuse(case, response)
        case "AcceptedNegativeData":
            return not may_take(response)
    return True


def may_refuse(case, response):
    """Whether what fits the schema may be refused in this way."""
    if response.status_code == 414:
        return len(response.request.path_url) > LONGEST_TARGET
    problem = response.json()
    if problem["code"] in CIRCUMSTANCES:
        return True
    if re.search(r"64-bit integer, found the number -?\d+\.0", problem["detail"]):
        return True
    if case.media_type == "application/json-patch+json" and problem["code"] != "malformed_json":
        return True
    query = case.query or {}
    match [error.get("header") for error in problem.get("errors", [])]:
        case ["If-Match" | "If-None-Match" as name]:
            return not TAGS.fullmatch(response.request.headers.get(name, ""))
    match [error.get("parameter") for error in problem.get("errors", [])]:
        case ["cursor"]:
            return problem["code"] == "invalid_cursor" and bool(query.get("cursor"))
        case ["page"]:
            return (int(query["page"]) - 1) * int(query.get("page_size", 20)) > DEPTH
        case ["stop_after"]:
            return query.get("mode") == "atomic" or int(query["stop_after"]) > MOST_FAILURES
        case ["envelope"] | ["mode"]:
            return case.media_type == "application/x-ndjson"
    return False


def may_take(response):
    """Whether what does not fit the schema may be answered in this way."""
    if response.status_code == 414:
        return len(response.request.path_url) > LONGEST_TARGET
    sent = response.request.headers
    if any(sent.get(name) == "" for name in ("If-Match", "If-None-Match")):
        return True
    return response.status_code in (207, 412)
