"""What both stand-ins need: a log like Jitsi's, a REST server on
127.0.0.1, the configuration's values, and an orderly end on SIGTERM."""
import ctypes
import datetime
import http.server
import json
import os
import re
import signal
import sys
import threading


class Log:
    """Lines as Jitsi's formatter writes them:
    NAME date LEVEL: [thread] {[context]} Class.method#line: text"""

    def __init__(self, name, path):
        self.name = name
        self.file = open(path, "a", encoding="utf-8", buffering=1)
        self.lock = threading.Lock()

    def write(self, level, thread, text, more=()):
        now = datetime.datetime.now(datetime.timezone.utc)
        stamp = now.strftime("%Y-%m-%d %H:%M:%S.") + \
            f"{now.microsecond // 1000:03d}"
        lines = [f"{self.name} {stamp} {level}: [{thread}] {text}", *more]
        with self.lock:
            self.file.write("\n".join(lines) + "\n")

    def info(self, thread, text):
        self.write("INFO", thread, text)

    def warning(self, thread, text, more=()):
        self.write("WARNING", thread, text, more)

    def severe(self, thread, text, more=()):
        self.write("SEVERE", thread, text, more)


def trace(text, below, *frames):
    """An exception as Java prints it."""
    lines = [text]
    lines += [f"\tat {frame}" for frame in frames]
    for cause in below:
        lines += [f"Caused by: {cause}", "\t... 17 more"]
    return lines


def value(path, key, default=""):
    """The first `key = value` of a configuration in HOCON."""
    with open(path, encoding="utf-8") as file:
        for line in file:
            found = re.match(
                r'\s*"?' + re.escape(key) + r'"?\s*[=:]\s*"?([^"#/]*)"?',
                line)
            if found:
                return found.group(1).strip()
    return default


def knob(name):
    """What a fault wrote into /run/NAME: the text, or None."""
    try:
        with open("/run/" + name, encoding="utf-8") as file:
            return file.read().strip()
    except OSError:
        return None


class Rest(http.server.ThreadingHTTPServer):
    """pages: path -> function() -> (status, type, body); None as status
    never answers.  posts: the same with the body for POST."""

    daemon_threads = True

    def __init__(self, port, pages, posts=None):
        super().__init__(("127.0.0.1", port), Handler)
        self.pages, self.posts = pages, posts or {}
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "Jetty"
    sys_version = ""

    def version_string(self):
        return "Jetty(12.0.35)"

    def answer(self, status, kind, body):
        data = body.encode()
        self.send_response(status)
        if kind:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        page = self.server.pages.get(self.path.split("?")[0])
        self.answer(*(page() if page else (404, None, "")))

    def do_POST(self):
        size = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(size)
        post = self.server.posts.get(self.path.split("?")[0])
        self.answer(*(post(body) if post else (404, None, "")))

    def log_message(self, format, *args):
        pass


def as_json(data):
    return 200, "application/json", json.dumps(data, separators=(",", ":"))


def openmetrics(prefix, table, kind):
    """table: name -> (type, help, value)."""
    out = []
    for name, (sort, text, number) in table.items():
        suffix = "_total" if sort == "counter" else ""
        out += [f"# TYPE {prefix}{name} {sort}",
                f"# HELP {prefix}{name} {text}",
                f"{prefix}{name}{suffix} {float(number)}"]
    return 200, kind, "\n".join(out) + "\n# EOF\n"


def look_like_java():
    """The kernel's name of this process, as a listing would show it."""
    ctypes.CDLL(None).prctl(15, b"java", 0, 0, 0)


def on_term(function):
    def ended(_number, _frame):
        function()
        sys.stdout.flush()
        os._exit(143)
    signal.signal(signal.SIGTERM, ended)
    signal.signal(signal.SIGINT, ended)
