"""Stands between the program and the bank: writes down what passes, and answers in the bank's place where it is told to."""

import json
import re
import socket
import struct
import threading
import time


class Request:
    def __init__(self, method, target, body):
        self.method = method
        self.target = target
        self.body = body
        self.at = time.monotonic()
        self.status = None

    @property
    def fields(self):
        try:
            return json.loads(self.body)
        except ValueError:
            return {}


class Middleman:
    """- Parameter answer: asked for each request: `answer(request, forward)`, where `forward()` gives the bank's own answer as bytes. What it
    returns goes back instead, and the connection is closed; None passes the bank's answer on."""

    def __init__(self, port, answer=None):
        self.upstream = port
        self.answer = answer
        self.requests = []
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.is_open = True
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.is_open = False
        # Closing alone would leave the thread that accepts asleep.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def writes(self):
        with self.lock:
            return [request for request in self.requests if request.method != "GET" and not request.target.endswith("/auth")]

    def _accept(self):
        while self.is_open:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        bank = None
        try:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            reader = client.makefile("rb")
            while True:
                head, body = read_message(reader)
                if head is None:
                    return
                method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ", 2)
                request = Request(method, target, body)
                with self.lock:
                    self.requests.append(request)

                def forward():
                    nonlocal bank
                    if bank is None:
                        bank = socket.create_connection(("127.0.0.1", self.upstream))
                        bank.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    bank.sendall(head + body)
                    answer = read_answer(bank)
                    request.status = int(answer.split(b" ", 2)[1])
                    return answer

                instead = self.answer(request, forward) if self.answer else None
                if instead is not None:
                    client.sendall(instead)
                    client.shutdown(socket.SHUT_WR)
                    return
                if request.status is None:
                    client.sendall(forward())
        except (ConnectionResetError, BrokenPipeError):
            # What the bank did to us, we do to the other side.
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except (OSError, EOFError):
            pass
        finally:
            client.close()
            if bank is not None:
                bank.close()


def read_message(reader):
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = reader.readline()
        if not line:
            return None, b""
        head += line
    found = re.search(rb"(?i)content-length: *(\d+)", head)
    return head, reader.read(int(found[1])) if found else b""


def read_answer(bank):
    """The bank's answer, as it came; what broke off is an error."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = bank.recv(1 << 16)
        if not piece:
            raise EOFError
        data += piece
    head, rest = data.split(b"\r\n\r\n", 1)
    found = re.search(rb"(?i)content-length: *(\d+)", head)
    length = int(found[1]) if found else 0
    while len(rest) < length:
        piece = bank.recv(1 << 16)
        if not piece:
            raise EOFError
        rest += piece
    return head + b"\r\n\r\n" + rest
