"""What a schema cannot say of the shop, told to schemathesis in three rules.

Data that fit the schema and are refused are a failure, but for these refusals:

* a cursor of the client's own making: cursors are signed, and come from pages;
* a page number that is too great only together with the page size;
* a request target of more than 64 KiB, as lists of long texts make it: the server does not read it.
"""

import schemathesis

# The bound of hyper's parser.
LONGEST_TARGET = 65_534
# Items that a page may have before it, which is one less than the greatest `page`.
DEPTH = 10_000


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Whether the failure counts."""
    refused = type(failure).__name__
    if refused not in ("RejectedPositiveData", "AcceptedNegativeData"):
        return True
    if response.status_code == 414:
        return len(response.request.path_url) <= LONGEST_TARGET
    if refused == "AcceptedNegativeData" or response.status_code != 400:
        return True
    problem = response.json()
    query = case.query or {}
    match [error.get("parameter") for error in problem.get("errors", [])]:
        case ["cursor"]:
            return problem["code"] != "invalid_cursor" or not query.get("cursor")
        case ["page"]:
            return (int(query["page"]) - 1) * int(query.get("page_size", 20)) <= DEPTH
    return True
