"""Opens connection after connection to a port, from four threads, until it is ended. Prints a line once answers come."""

import http.client
import sys
import threading

answered = threading.Event()


def hammer():
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=5)
        try:
            connection.request("GET", "/_sim/clock")
            connection.getresponse().read()
            answered.set()
        except OSError:
            pass
        except http.client.HTTPException:
            pass
        connection.close()


for _ in range(4):
    threading.Thread(target=hammer, daemon=True).start()
answered.wait()
print("answered", flush=True)
threading.Event().wait()
