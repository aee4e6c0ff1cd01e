"""The part of Qdrant's REST surface that populate-embeddings speaks to, over the
real engine (qdrant-edge-py). Loopback only.

    qdrant.py FOLDER [API_KEY]      prints the port it listens on

Strict mode is on, as Qdrant's cloud has it: a filter over a field without an
index is refused. `POST /__faults` with [{match, status, headers, body, times}]
makes the next matching requests fail; `GET /__calls` gives every request so far.
"""

import json
import os
import re
import shutil
import sys
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

import qdrant_edge as engine

FOLDER = sys.argv[1]
KEY = sys.argv[2] if len(sys.argv) > 2 else None
LARGEST_BODY = 32 * 2**20
DISTANCES = ("Cosine", "Dot", "Euclid", "Manhattan")
SCHEMAS = {"keyword": "Keyword", "integer": "Integer", "bool": "Bool", "text": "Text"}

lock = threading.RLock()
collections, aliases, faults, calls = {}, {}, [], []


class Refused(Exception):
    def __init__(self, status, words):
        super().__init__(words)
        self.status, self.words = status, words


def point_id(value):
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**64:
        return value
    try:
        return uuid.UUID(value)
    except (TypeError, ValueError, AttributeError):
        raise Refused(400, f"Format error in JSON body: value {value} is not a valid point ID, "
                           "valid values are either an unsigned integer or a UUID") from None


def shown_id(value):
    return value if isinstance(value, int) else str(value)


def condition(given):
    if "has_id" in given:
        return engine.HasIdCondition({point_id(value) for value in given["has_id"]})
    if "key" not in given:
        return filter_of(given)
    if "match" in given:
        (kind, value), = given["match"].items()
        kinds = {"value": engine.MatchValue, "any": engine.MatchAny, "except": engine.MatchExcept}
        return engine.FieldCondition(given["key"], match=kinds[kind](value))
    if "range" in given:
        return engine.FieldCondition(given["key"], range=engine.RangeFloat(**given["range"]))
    raise Refused(422, "Validation error in JSON body: At least one field condition must be specified")


def filter_of(given):
    if given is None:
        return None
    unknown = set(given) - {"must", "should", "must_not"}
    if unknown:
        raise Refused(400, f"Format error in JSON body: unknown field `{unknown.pop()}`")
    clauses = [given.get(name) for name in ("must", "should", "must_not")]
    return engine.Filter(*[None if clause is None else [condition(each) for each in clause] for clause in clauses])


def fields(given):
    for name in ("must", "should", "must_not"):
        for each in (given or {}).get(name) or []:
            yield from ([each["key"]] if "key" in each else fields(each))


class Collection:
    def __init__(self, name, body):
        vectors = body.get("vectors")
        if not isinstance(vectors, dict) or vectors.get("distance") not in DISTANCES or not isinstance(vectors.get("size"), int):
            raise Refused(400, "Format error in JSON body: data did not match any variant of untagged enum VectorsConfig")
        self.name, self.vectors, self.metadata = name, vectors, body.get("metadata")
        self.schema, self.operation = {}, 0
        self.path = os.path.join(FOLDER, name)
        shutil.rmtree(self.path, ignore_errors=True)
        distance = getattr(engine.Distance, vectors["distance"])
        parameters = engine.EdgeVectorParams(size=vectors["size"], distance=distance)
        self.shard = engine.EdgeShard.create(self.path, engine.EdgeConfig(vectors={"": parameters}))

    def update(self, operation):
        try:
            self.shard.update(operation)
        except Exception as error:
            raise Refused(400, str(error)) from None
        self.operation += 1
        return {"operation_id": self.operation, "status": "completed"}

    def strict(self, given):
        for key in fields(given):
            if key not in self.schema:
                raise Refused(400, f'Bad request: Index required but not found for "{key}" of one of the following types: '
                                   "[keyword]. Help: Create an index for this key or use a different filter.")

    def check(self, vector):
        if not isinstance(vector, list) or len(vector) != self.vectors["size"]:
            found = len(vector) if isinstance(vector, list) else 0
            raise Refused(400, f"Wrong input: Vector dimension error: expected dim: {self.vectors['size']}, got {found}")

    def record(self, point, payload, vector):
        shown = {"id": shown_id(point.id)}
        if payload not in (None, False):
            shown["payload"] = point.payload
        if vector:
            shown["vector"] = point.vector
        return shown

    def about(self):
        info = self.shard.info()
        return {
            "status": "green", "points_count": info.points_count,
            "config": {"params": {"vectors": self.vectors}, "metadata": self.metadata},
            "payload_schema": {key: {"data_type": kind, "points": 0} for key, kind in self.schema.items()},
        }

    def points(self, method, rest, body):
        update = engine.UpdateOperation
        selector = body.get("with_payload", rest == ["points"])
        if isinstance(selector, dict):
            selector = engine.PayloadSelector.Include(selector["include"])
        with_vector = body.get("with_vector", False)
        if rest == ["points"] and method == "PUT":
            rows = body.get("points")
            if not rows:
                raise Refused(400, "Bad request: Empty update request")
            for row in rows:
                self.check(row["vector"])
            self.strict(body.get("update_filter"))
            points = [engine.Point(point_id(row["id"]), row["vector"], row.get("payload")) for row in rows]
            return self.update(update.upsert_points(points, filter_of(body.get("update_filter")), None))
        if rest == ["points"]:
            found = self.shard.retrieve([point_id(each) for each in body["ids"]], selector, with_vector)
            return [self.record(point, selector, with_vector) for point in found]
        if rest == ["points", "delete"]:
            self.strict(body.get("filter"))
            if body.get("points") is None and body.get("filter") is None:
                raise Refused(400, "Format error in JSON body: data did not match any variant of untagged enum PointsSelector")
            if body.get("points") == []:
                raise Refused(400, "Bad request: Empty update request")
            if body.get("points") is not None:
                return self.update(update.delete_points([point_id(each) for each in body["points"]]))
            return self.update(update.delete_points_by_filter(filter_of(body["filter"])))
        if rest == ["points", "batch"]:
            done = []
            for operation in body["operations"]:
                (kind, given), = operation.items()
                if kind != "overwrite_payload":
                    raise Refused(400, f"this server does not know the operation {kind}")
                ids = [point_id(each) for each in given["points"]]
                done.append(self.update(update.overwrite_payload(ids, given["payload"], None)))
            return done
        if rest == ["points", "scroll"]:
            limit = body.get("limit", 10)
            if limit < 1:
                raise Refused(422, "Validation error in JSON body: [limit: value 0 invalid, must be 1 or larger]")
            self.strict(body.get("filter"))
            offset = body.get("offset")
            request = engine.ScrollRequest(
                offset=None if offset is None else point_id(offset), limit=limit, filter=filter_of(body.get("filter")),
                with_payload=selector, with_vector=with_vector)
            found, following = self.shard.scroll(request)
            records = [self.record(point, selector, with_vector) for point in found]
            return {"points": records, "next_page_offset": None if following is None else shown_id(following)}
        if rest == ["points", "count"]:
            self.strict(body.get("filter"))
            return {"count": self.shard.count(engine.CountRequest(body.get("exact", True), filter_of(body.get("filter"))))}
        if rest == ["points", "query"]:
            self.strict(body.get("filter"))
            self.check(body["query"])
            found = self.shard.query(engine.QueryRequest(
                limit=body.get("limit", 10), query=engine.Query.Nearest(body["query"], None),
                filter=filter_of(body.get("filter")), with_payload=selector, with_vector=with_vector))
            return {"points": [dict(self.record(point, selector, with_vector), score=point.score) for point in found]}
        raise Refused(404, "")


def change_aliases(actions):
    # The real service applies one after the other and does not go back.
    for action in actions:
        (kind, given), = action.items()
        if kind == "delete_alias":
            aliases.pop(given["alias_name"], None)
            continue
        if given["collection_name"] not in collections:
            raise Refused(404, f"Not found: Collection `{given['collection_name']}` doesn't exist!")
        if given["alias_name"] in collections:
            raise Refused(409, f"Wrong input: Collection `{given['alias_name']}` already exists!")
        aliases[given["alias_name"]] = given["collection_name"]
    return True


def route(method, path, body):
    parts = [unquote(part) for part in path.strip("/").split("/")]
    if parts == ["aliases"]:
        return {"aliases": [{"alias_name": name, "collection_name": of} for name, of in aliases.items()]}
    if parts == ["collections"]:
        return {"collections": [{"name": name} for name in collections]}
    if parts == ["collections", "aliases"] and method == "POST":
        return change_aliases(body["actions"])
    if parts[0] != "collections":
        raise Refused(404, "")
    name, rest = parts[1], parts[2:]
    if not rest and method == "PUT":
        if name in collections:
            raise Refused(409, f"Wrong input: Collection `{name}` already exists!")
        if name in aliases:
            raise Refused(400, f"Wrong input: Can't create collection with name {name}. Alias with the same name already exists")
        collections[name] = Collection(name, body)
        return True
    if not rest and method == "DELETE":
        gone = collections.pop(name, None)
        if gone is None:
            return False
        gone.shard.close()
        shutil.rmtree(gone.path, ignore_errors=True)
        for alias in [alias for alias, of in aliases.items() if of == name]:
            del aliases[alias]
        return True
    found = collections.get(aliases.get(name, name))
    if found is None:
        raise Refused(404, f"Not found: Collection `{name}` doesn't exist!")
    if not rest:
        return found.about()
    if rest == ["index"] and method == "PUT":
        kind = getattr(engine.PayloadSchemaType, SCHEMAS[body["field_schema"]])
        done = found.update(engine.UpdateOperation.create_field_index(body["field_name"], kind))
        found.schema[body["field_name"]] = body["field_schema"]
        return done
    return found.points(method, rest, body)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body, headers=(), kind="application/json"):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"content-type": kind, "content-length": str(len(data)), **dict(headers)}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def serve(self):
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        path = urlsplit(self.path).path
        if path == "/__faults":
            faults.extend(json.loads(raw))
            return self.answer(200, {})
        if path == "/__calls":
            return self.answer(200, calls)
        calls.append(f"{self.command} {self.path}")
        for fault in faults:
            if fault["times"] > 0 and re.search(fault["match"], calls[-1]):
                fault["times"] -= 1
                return self.answer(fault["status"], fault.get("body", {}), fault.get("headers", {}))
        given = self.headers.get("api-key")
        if KEY and given != KEY:
            words = b"Invalid API key or JWT" if given else b"Must provide an API key or an Authorization bearer token"
            return self.answer(401, words, kind="text/plain")
        if len(raw) > LARGEST_BODY:
            words = f"JSON payload ({len(raw)} bytes) is larger than allowed (limit: {LARGEST_BODY} bytes)."
            return self.answer(400, {"status": {"error": words}})
        begun = time.time()
        try:
            try:
                body = json.loads(raw) if raw else {}
            except ValueError as error:
                raise Refused(400, f"Format error in JSON body: {error}") from None
            with lock:
                result = route(self.command, path, body)
            self.answer(200, {"result": result, "status": "ok", "time": time.time() - begun})
        except Refused as refused:
            if not refused.words:
                return self.answer(refused.status, b"", kind="text/plain")
            self.answer(refused.status, {"status": {"error": refused.words}, "time": time.time() - begun})
        except BaseException as error:  # the engine's panics are no Exception
            if isinstance(error, (KeyboardInterrupt, SystemExit)):
                raise
            self.answer(400, {"status": {"error": f"Format error in JSON body: {error!r}"}, "time": time.time() - begun})

    do_GET = do_PUT = do_POST = do_DELETE = serve


os.makedirs(FOLDER, exist_ok=True)
server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
