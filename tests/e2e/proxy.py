"""A wire that breaks when it matters: a TCP proxy between cutover and one of
the services it acts on. It passes bytes on untouched (TLS too) until a test
tells it to strike: the next request loses its answer after it has gone through,
or is swallowed itself, or is said to have failed though it went through; then the
connection breaks. Or it is held back, while the server hears nothing of the
other end any more, to arrive late.

    with Proxy(port) as wire:
        wire.strike("answer", b"POST ")
        ...
        wire.struck(10)
        wire.count(b"POST ")

        wire.strike("late", skip=2)     # the third from the next one on
        ...
        wire.deliver()                  # False: the server had hung up

What a request is can be read on a plain wire. Under TLS it is the first
application record on a connection that was idle, or that is new and through
with its handshake.
"""
import selectors
import socket
import threading
import time

from walk import check, wait_until

BREAK_SECONDS = 0.6     # from the answer's first byte: tickets come before it
HANDSHAKE = b"\x16"     # the type of the first one
APPLICATION = 23        # the type of a TLS record
FAILED = (b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 9\r\n\r\n"
          b"try later")   # on a plain wire


class Wire:
    """One connection: the client's end and the server's."""

    def __init__(self, client, server):
        self.client, self.server = client, server
        self.said = time.monotonic()    # when the client last said something
        self.records = 0                # of TLS application data, from the client
        self.tls = False                # it has begun
        self.rest = b""                 # of it, not yet a whole record
        self.mute = None                # "answer", "request", "late", "failed"
        self.held = b""                 # of a "late" one
        self.ends = None                # when it breaks

    def count_records(self, data):
        """Of TLS; a record may come in pieces, or several at once."""
        self.rest += data
        # a database's client asks for TLS in a packet of its own
        if not self.tls and self.rest[:1] != HANDSHAKE:
            size = 4 + int.from_bytes(self.rest[:3], "little")
            if len(self.rest) < size:
                return
            self.rest = self.rest[size:]
        self.tls = True
        while len(self.rest) >= 5:
            size = 5 + int.from_bytes(self.rest[3:5], "big")
            if len(self.rest) < size:
                return
            self.records += self.rest[0] == APPLICATION
            self.rest = self.rest[size:]


class Proxy:
    """Between loopback ports; `port` is the one to connect to. A connection
    that was silent for `idle` seconds is none of an observer's; `far` makes the
    server one at the other end of the world."""

    def __init__(self, target, host="127.0.0.1", idle=1.0, far=0.0):
        self.target = (host, target)
        self.idle = idle
        self.far = far          # seconds by which each answer comes later
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.setblocking(False)
        self.port = self.listener.getsockname()[1]
        self.wires = {}
        self.heard = []         # what clients said that could be a request
        self.what = None        # as Wire.mute, while it waits to strike
        self.begins = b""
        self.skip = 0           # requests that are let through before
        self.chosen = None      # the wire they are counted on
        self.event = threading.Event()
        self.stop = threading.Event()
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def strike(self, what, begins=b"", skip=0, wire=None):
        """From now on: the next request (that begins so, on a plain wire; that
        comes on that wire), or one that comes some requests after it on the
        same wire."""
        self.event.clear()
        self.begins = begins
        self.skip, self.chosen = skip, wire
        self.what = what

    def rests(self):
        """Waits until one of its connections is idle for long: the one that
        acts. Returns it. On a busy machine an observer's may seem so for a
        moment."""
        def idle():
            idle = [wire for wire in set(self.wires.values())
                    if time.monotonic() - wire.said > 2 * self.idle]
            return len(idle) == 1 and idle[0]
        return wait_until("the connection that is idle", idle)

    def quiet(self):
        """Waits until all that is said every few seconds has been said: what
        comes next on a connection, on whichever, is a request."""
        def last():
            return max(wire.said for wire in set(self.wires.values()))
        since = last()
        wait_until("somebody to speak", lambda: last() > since)
        wait_until("a wire that is quiet",
                   lambda: time.monotonic() - last() > self.idle)

    def deliver(self):
        """What was held back goes to the server, if that still listens."""
        wire, = (w for w in set(self.wires.values()) if w.mute == "late")
        wire.server.setblocking(False)
        try:
            while wire.server.recv(65536):
                pass
        except BlockingIOError:
            wire.server.sendall(wire.held)
            return True
        except OSError:
            pass
        return False

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
            if self.wires.pop(end, None) and end in self.selector.get_map():
                self.selector.unregister(end)
            end.close()

    def _let_hang(self, end):
        """This end has hung up, and the other does not hear of it."""
        self.selector.unregister(end)

    def _is_request(self, wire, data):
        if self.begins:
            return data.startswith(self.begins)
        idle = time.monotonic() - wire.said > self.idle
        before = wire.records
        wire.count_records(data)
        return wire.records > before and (idle or 2 <= wire.records < 4)

    def _client_said(self, wire, data):
        self.heard.append(data[:64])
        request = self._is_request(wire, data)
        wire.said = time.monotonic()
        if self.what and not wire.mute and (
                wire is self.chosen or request and not self.chosen):
            self._strikes(wire, data)
        if wire.mute not in ("request", "late"):
            wire.server.sendall(data)

    def _strikes(self, wire, data):
        if self.skip:
            self.skip, self.chosen = self.skip - 1, wire
            return
        wire.mute, self.what = self.what, None
        if wire.mute == "late":
            wire.held = data
        elif wire.mute == "request":
            wire.ends = wire.said
        self.event.set()

    def _heard_from(self, end):
        wire = self.wires.get(end)
        if not wire:
            return
        try:
            data = end.recv(65536)
            if not data and wire.mute == "late":
                self._let_hang(end)
            elif not data:
                self._break(wire)
            elif end is wire.client:
                self._client_said(wire, data)
            elif wire.mute == "failed":
                wire.client.sendall(FAILED)
                self._break(wire)
            elif wire.mute == "answer":
                wire.ends = wire.ends or time.monotonic() + BREAK_SECONDS
            elif not wire.mute:
                time.sleep(self.far)
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
