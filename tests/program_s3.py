# SPDX-License-Identifier: Apache-2.0
"""The side of S3 that Cairn speaks to, for upload.py: objects in memory, and every request must carry
a right signature (AWS Signature Version 4, written here from its description and checked against the
examples that AWS publishes). It is no S3: what it shows is that the requests are what S3 asks for."""
import hashlib
import hmac
import re
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY, SECRET, REGION = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "eu-central-1"


def canonical(method, target, headers, signed, payload):
    """The canonical request; `headers` has lower-case names."""
    path, _, query = target.partition("?")
    pairs = sorted(tuple(p.partition("=")[::2]) for p in query.split("&") if p)
    return "\n".join([method, path, "&".join(f"{k}={v}" for k, v in pairs),
                      *[f"{h}:{' '.join(headers[h].split())}" for h in signed], "",
                      ";".join(signed), payload])


def signature(secret, scope, date, request):
    """The hex signature of a canonical request in a scope "20130524/us-east-1/s3/aws4_request"."""
    text = "\n".join(["AWS4-HMAC-SHA256", date, scope, hashlib.sha256(request.encode()).hexdigest()])
    key = ("AWS4" + secret).encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


EMPTY = hashlib.sha256(b"").hexdigest()
# From "Signature Calculations for the Authorization Header: Transferring Payload in a Single Chunk",
# Amazon Simple Storage Service, API Reference.
PUBLISHED = [
    ("GET", "/test.txt", {"host": "examplebucket.s3.amazonaws.com", "range": "bytes=0-9",
                          "x-amz-content-sha256": EMPTY, "x-amz-date": "20130524T000000Z"}, EMPTY,
     "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
    ("PUT", "/test%24file.text",
     {"date": "Fri, 24 May 2013 00:00:00 GMT", "host": "examplebucket.s3.amazonaws.com",
      "x-amz-content-sha256": "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
      "x-amz-date": "20130524T000000Z", "x-amz-storage-class": "REDUCED_REDUNDANCY"},
     "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
     "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"),
    ("GET", "/?lifecycle=", {"host": "examplebucket.s3.amazonaws.com",
                             "x-amz-content-sha256": EMPTY, "x-amz-date": "20130524T000000Z"}, EMPTY,
     "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
    ("GET", "/?max-keys=2&prefix=J",
     {"host": "examplebucket.s3.amazonaws.com", "x-amz-content-sha256": EMPTY,
      "x-amz-date": "20130524T000000Z"}, EMPTY,
     "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
]


def check_published():
    for method, target, headers, payload, wanted in PUBLISHED:
        got = signature(SECRET, "20130524/us-east-1/s3/aws4_request", "20130524T000000Z",
                        canonical(method, target, headers, sorted(headers), payload))
        assert got == wanted, f"{method} {target}: {got}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def refuse(self, why):
        self.server.wrong.append(f"{self.command} {self.path}: {why}")
        self.close_connection = True
        self.answer(403)

    def checked(self, body):
        """True when the signature and the payload's hash are right."""
        head = {k.lower(): v for k, v in self.headers.items()}
        m = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\S+), ?SignedHeaders=([^,]+), ?"
                         r"Signature=([0-9a-f]{64})", head.get("authorization", ""))
        if not m:
            return self.refuse("no signature")
        key, scope, signed, got = m.groups()
        payload = head.get("x-amz-content-sha256")
        if payload != hashlib.sha256(body).hexdigest():
            return self.refuse("another payload")
        names = signed.split(";")
        if key != KEY or "host" not in names or "x-amz-content-sha256" not in names:
            return self.refuse("key or signed headers")
        if scope != f"{head['x-amz-date'][:8]}/{REGION}/s3/aws4_request":
            return self.refuse(f"scope {scope}")
        request = canonical(self.command, self.path, head, names, payload)
        if signature(SECRET, scope, head["x-amz-date"], request) != got:
            return self.refuse("wrong signature")
        return True

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.down:
            return self.answer(503)
        if self.checked(body):
            self.server.objects[self.path] = body
            self.answer(200)

    def do_GET(self):
        if self.server.down:
            return self.answer(503)
        if not self.checked(b""):
            return
        body = self.server.objects.get(self.path)
        part = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if body is None:
            self.answer(404)
        elif part:
            self.answer(206, body[int(part[1]):int(part[2]) + 1])
        else:
            self.answer(200, body)

    def do_DELETE(self):
        if self.server.down:
            return self.answer(503)
        if self.checked(b""):
            self.server.objects.pop(self.path, None)
            self.answer(204)


class Bucket(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.objects, self.wrong, self.down = {}, [], False
        self.place = f"s3:http://127.0.0.1:{self.server_port}/bucket/cairn?region={REGION}"
        self.env = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
        threading.Thread(target=self.serve_forever, daemon=True).start()
