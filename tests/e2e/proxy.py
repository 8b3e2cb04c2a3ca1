"""A wire that breaks when it matters: a TCP proxy between cutover and one of
the services it acts on. It passes bytes on untouched (TLS too) until a test
tells it to strike: the next request loses its answer after it has gone through,
or is swallowed itself; then the connection breaks.

    with Proxy(port) as wire:
        wire.strike("answer", b"POST ")
        ...
        wire.struck(10)
        wire.count(b"POST ")

What a request is can be read on a plain wire. Under TLS it is the first
application record on a connection that was idle, or that is new and through
with its handshake.
"""
import selectors
import socket
import threading
import time

from walk import check

IDLE_SECONDS = 1.0      # an observer asks more often than that
BREAK_SECONDS = 0.6     # the server has acted by then
APPLICATION = 23        # the type of a TLS record


class Wire:
    """One connection: the client's end and the server's."""

    def __init__(self, client, server):
        self.client, self.server = client, server
        self.said = time.monotonic()    # when the client last said something
        self.records = 0                # of TLS application data, from the client
        self.rest = 0                   # bytes of its last record still to come
        self.mute = None                # "answer", "request": what is swallowed
        self.ends = None                # when it breaks

    def count_records(self, data):
        at = self.rest
        while at + 5 <= len(data):
            self.records += data[at] == APPLICATION
            at += 5 + int.from_bytes(data[at + 3:at + 5], "big")
        self.rest = max(0, at - len(data))


class Proxy:
    """Between loopback ports; `port` is the one to connect to."""

    def __init__(self, target, host="127.0.0.1"):
        self.target = (host, target)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.setblocking(False)
        self.port = self.listener.getsockname()[1]
        self.wires = {}
        self.heard = []         # what clients said that could be a request
        self.what = None        # "answer" or "request", while it waits to strike
        self.begins = b""
        self.event = threading.Event()
        self.stop = threading.Event()
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def strike(self, what, begins=b""):
        """From now on: the next request (that begins so, on a plain wire)."""
        self.event.clear()
        self.begins = begins
        self.what = what

    def struck(self, seconds=20):
        check(self.event.wait(seconds), "no request came to be struck")

    def count(self, begins):
        """How many requests that began so came to it, swallowed ones too."""
        return sum(said.startswith(begins) for said in list(self.heard))

    # ---- the thread ----

    def _accept(self):
        client, _ = self.listener.accept()
        try:
            server = socket.create_connection(self.target, 5)
        except OSError:
            client.close()
            return
        wire = Wire(client, server)
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.wires[end] = wire
            self.selector.register(end, selectors.EVENT_READ)

    def _break(self, wire):
        for end in (wire.client, wire.server):
            if self.wires.pop(end, None):
                self.selector.unregister(end)
            end.close()

    def _is_request(self, wire, data):
        if self.begins:
            return data.startswith(self.begins)
        idle = time.monotonic() - wire.said > IDLE_SECONDS
        before = wire.records
        wire.count_records(data)
        return wire.records > before and (idle or 2 <= wire.records < 4)

    def _client_said(self, wire, data):
        self.heard.append(data[:64])
        request = self._is_request(wire, data)
        wire.said = time.monotonic()
        if self.what and request and not wire.mute:
            wire.mute, self.what = self.what, None
            wire.ends = wire.said + BREAK_SECONDS
            self.event.set()
        if wire.mute != "request":
            wire.server.sendall(data)

    def _heard_from(self, end):
        wire = self.wires.get(end)
        if not wire:
            return
        try:
            data = end.recv(65536)
            if not data:
                self._break(wire)
            elif end is wire.client:
                self._client_said(wire, data)
            elif not wire.mute:
                wire.client.sendall(data)
        except OSError:
            self._break(wire)

    def _serve(self):
        while not self.stop.is_set():
            for key, _ in self.selector.select(0.05):
                if key.fileobj is self.listener:
                    self._accept()
                else:
                    self._heard_from(key.fileobj)
            for wire in set(self.wires.values()):
                if wire.ends and time.monotonic() > wire.ends:
                    self._break(wire)

    def close(self):
        self.stop.set()
        self.thread.join(5)
        for wire in set(self.wires.values()):
            self._break(wire)
        self.listener.close()
        self.selector.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def rewritten(path, ending, old, new):
    """A copy of the file beside it, with that text in place of the other."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    check(old in text, "%s has no %s" % (path, old))
    with open(path + ending, "w", encoding="utf-8") as file:
        file.write(text.replace(old, new))
    return path + ending
