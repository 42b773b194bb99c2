"""Takes pings. Prints its port, then a line a ping as JSON: its method, path, query and body. Answers with the statuses that are
named on its command line, one after the other, then with 200; for 0 it never answers."""

import http.server
import json
import sys
import threading
import urllib.parse

statuses = [int(word) for word in sys.argv[1:]]


class Pings(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        url = urllib.parse.urlsplit(self.path)
        ping = {"path": url.path, "query": urllib.parse.parse_qs(url.query), "body": body}
        print(json.dumps(ping), flush=True)
        status = statuses.pop(0) if statuses else 200
        if status == 0:
            threading.Event().wait()
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


http.server.ThreadingHTTPServer.daemon_threads = True
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pings)
print(server.server_port, flush=True)
server.serve_forever()
