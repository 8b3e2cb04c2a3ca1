"""The other budgets of DESIGN section 11, measured on the real program in a
real terminal (80 x 24), beside a practice world.

key      from a key written to the terminal until its request has reached the
         flag service (one of our own), gate 1's y: three records are synced to
         disk in between
news     from the moment a change was asked of the API server until the screen
         shows it: the server's own part and the watch are in it
start    from exec until the whole screen stands, with what is not seen yet
         said to be unknown; then, without a budget, until every first answer is
         on it: both databases, the API server and the flag service are asked
         at once, after a TLS handshake with each
memory   resident, with 5,000 pods and 200 endpoint slices watched
rest     processor time, a gate open and four panes live
"""
import base64
import http.client
import http.server
import json
import os
import re
import ssl
import subprocess
import tempfile
import threading
import time

from faults import World
from terminal import Terminal
from walk import BUILD, CUTOVER, check, wait_until

TIMES = 10              # of key and start
NEWS = 120              # that many, so that there is a 99th of a hundred
REST_S = 20
PODS, SLICES = 5000, 200
CLUSTER_SERVER = os.path.join(BUILD, "tests", "unit", "cluster_server")
FRAME = (r"^GATE 1 ", "REPLICATION", "PODS", "SERVICE", "FLAG", "r roll back")
FACTS = (r"missing +\d", r"v2 my-app-v2 +\d+/\d+", r"v1 \d+/\d+ ", "asserted on")


class Screen(Terminal):
    """cutover run on a terminal, in a home of its own."""

    def __init__(self, world, *options):
        self.home = tempfile.TemporaryDirectory(prefix="cutover-bench-")
        self.began = time.monotonic()
        super().__init__(
            [CUTOVER, "run", "aurora-cutover", "--vars", world.vars_file,
             *options], env={"XDG_STATE_HOME": self.home.name})
        self.process.delaybeforesend = None     # what is timed is the program

    def read(self, seconds=0.001):
        alive = super().read(seconds)
        self.came = time.monotonic()
        return alive

    def pid(self):
        return self.process.pid

    def close(self):
        super().close()
        self.home.cleanup()

    def park(self):
        """Leaves the Lease to the next run."""
        self.press("p")
        self.wait_for("Park: end here")
        self.press("y")
        self.wait_for("Any key leaves")
        self.press(" ")
        self.finish()


class Flag(http.server.ThreadingHTTPServer):
    """A flag service that notes when it was asked to change."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), FlagHandler)
        self.on, self.changed = True, []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self):
        return "http://127.0.0.1:%d/flag" % self.server_port

    def handle_error(self, request, client_address):
        """A client may leave while it is answered."""


class FlagHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        body = json.dumps({"enabled": self.server.on}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = answer

    def do_PATCH(self):
        self.server.changed.append(time.monotonic())
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.on = json.loads(body)["enabled"]
        self.answer()

    def log_message(self, *_):
        pass


class Api:
    """The practice cluster's API, one connection kept."""

    def __init__(self, kubeconfig):
        # kubeconfigs of the practice cluster are JSON, which is YAML
        config = json.loads(subprocess.run(
            ["kubectl", "--kubeconfig", kubeconfig, "config", "view", "--raw",
             "--flatten", "-o", "json"], capture_output=True, text=True,
            check=True).stdout)
        cluster = config["clusters"][0]["cluster"]
        token, = [user["user"]["token"] for user in config["users"]
                  if user["name"] == "practice-admin-token"]
        self.headers = {"Authorization": "Bearer " + token}
        context = ssl.create_default_context(cadata=base64.b64decode(
            cluster["certificate-authority-data"]).decode())
        self.link = http.client.HTTPSConnection(
            cluster["server"].partition("://")[2], context=context)

    def send(self, method, path, body=None, kind="application/json"):
        self.link.request(method, path, body and json.dumps(body),
                          {**self.headers, "Content-Type": kind})
        answer = self.link.getresponse()
        text = answer.read()
        check(answer.status in (200, 201), text[:500])
        return json.loads(text)


def key_press(world):
    """Milliseconds, of several runs, each rolled back."""
    flag, found = Flag(), []
    for _ in range(TIMES):
        with Screen(world, "--set", "flag_url=" + flag.url()) as screen:
            screen.wait_for("The gate is open: y")
            flag.changed.clear()
            pressed = time.monotonic()
            screen.press("y")
            screen.wait("the request", lambda: flag.changed)
            found.append(1000 * (flag.changed[0] - pressed))
            screen.wait_for("^GATE 2a")
            screen.press("r")
            screen.wait_for("THE WAY BACK")
            screen.line("rollback")
            screen.wait_for("^ROLLED BACK")
            screen.press(" ")
            screen.finish()
    flag.shutdown()
    return found


def news(world):
    """Milliseconds from asking for a change to seeing it."""
    api, found = Api(world.vars["kubeconfig"]), []
    path = "/api/v1/namespaces/shop/services/my-app-service"
    with Screen(world) as screen:
        screen.wait_for("The gate is open: y")
        for i in range(NEWS):
            version = "v1" if i % 2 else "v2"
            pause = time.monotonic() + 0.3 + 0.017 * (i % 23)
            while time.monotonic() < pause:
                screen.read()
            asked = time.monotonic()
            api.send("PATCH", path, {"spec": {"selector": {
                "version": version}}}, "application/merge-patch+json")
            screen.wait_for("SERVICE app=myapp,version=" + version)
            found.append(1000 * (time.monotonic() - asked))
        screen.park()
    return found


def shows(screen, parts):
    """Milliseconds from exec until all of them are on the screen."""
    screen.wait("all of the screen", lambda: all(
        re.search(part, screen.text(), re.M) for part in parts))
    return 1000 * (screen.came - screen.began)


def start(world):
    """Milliseconds until the first full screen."""
    found = []
    for _ in range(TIMES):
        with Screen(world) as screen:
            found.append(shows(screen, FRAME))
            screen.wait_for("The gate is open: y")
            screen.park()
    return found


def start_facts(world):
    """Milliseconds until every fact is on it too."""
    found = []
    for _ in range(TIMES):
        with Screen(world) as screen:
            found.append(shows(screen, FRAME + FACTS))
            screen.wait_for("The gate is open: y")
            screen.park()
    return found


def processor(pid):
    with open("/proc/%d/stat" % pid, encoding="utf-8") as file:
        words = file.read().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def rest(world):
    """Per cent of a core."""
    with Screen(world) as screen:
        screen.wait_for("The gate is open: y")
        settled = time.monotonic() + 3
        while time.monotonic() < settled:
            screen.read()
        before, began = processor(screen.pid()), time.monotonic()
        while time.monotonic() < began + REST_S:
            screen.read(0.5)
        return [100 * (processor(screen.pid()) - before) /
                (time.monotonic() - began)]


def replica_set(number):
    labels = {"app": "crowd", "crowd": str(number)}
    return {"apiVersion": "apps/v1", "kind": "ReplicaSet",
            "metadata": {"name": "crowd-%d" % number},
            "spec": {"replicas": PODS // SLICES,
                     "selector": {"matchLabels": labels},
                     "template": {"metadata": {"labels": labels}, "spec": {
                         "containers": [{"name": "app",
                                         "image": "crowd:1"}]}}}}


def service(number):
    return {"apiVersion": "v1", "kind": "Service",
            "metadata": {"name": "crowd-%d" % number},
            "spec": {"selector": {"crowd": str(number)},
                     "ports": [{"port": 80}]}}


def crowd(api):
    """Fills the cluster, and waits until every pod of the crowd is ready."""
    sets = "/apis/apps/v1/namespaces/shop/replicasets"
    for number in range(SLICES):
        api.send("POST", "/api/v1/namespaces/shop/services", service(number))
    for number in range(SLICES):
        api.send("POST", sets, replica_set(number))
    wait_until("a crowd of %d pods" % PODS, lambda: sum(
        item["status"].get("readyReplicas", 0)
        for item in api.send("GET", sets)["items"]) >= PODS, 180)


def memory(world):
    """Megabytes resident, with the crowd watched."""
    with tempfile.TemporaryDirectory(prefix="cutover-bench-") as place:
        server = subprocess.Popen([CLUSTER_SERVER, place], text=True,
                                  stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE)
        try:
            config = server.stdout.readline().split()[1]
            crowd(Api(config))
            with Screen(world, "--set", "kubeconfig=" + config) as screen:
                screen.wait_for("^GATE 1 ")
                screen.wait_for(r"v2 my-app-v2 +4/4", 60)
                settled = time.monotonic() + 5
                while time.monotonic() < settled:
                    screen.read()
                with open("/proc/%d/status" % screen.pid(),
                          encoding="utf-8") as file:
                    text = file.read()
            return [int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) / 1024]
        finally:
            server.stdin.close()
            server.wait(20)
            server.stdout.close()


def worst(values):
    """The 99th of a hundred; of fewer, the worst."""
    return sorted(values)[min(len(values) - 1, len(values) * 99 // 100)]


BUDGETS = (
    ("key press to request on the wire", "ms", 5, key_press, worst),
    ("watch event to screen, p99", "ms", 16, news, worst),
    ("start to first full screen", "ms", 50, start, worst),
    ("and every first answer on it", "ms", None, start_facts, worst),
    ("memory, 5,000 pods and 200 slices", "MB", 32, memory, max),
    ("processor at rest, four panes live", "%", 0.5, rest, max),
)


def measure():
    """(name, unit, most or None, judged, all values) of each."""
    with World() as world:
        for name, unit, most, how, judged in BUDGETS:
            values = how(world)
            yield name, unit, most, judged(values), values
