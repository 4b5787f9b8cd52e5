"""exposition.py DELAY_FILE PORT_FILE: metrics as of a pod that answers 10 calls a second, each of which waited in the
queue for as many seconds as DELAY_FILE says at the time. Simulated pods run nothing, so somebody has to."""
import http.server
import pathlib
import sys
import time

DELAY, PORT = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
CALLS_PER_SECOND = 10
state = {"calls": 0.0, "waited": 0.0, "at": time.monotonic()}


class Exposition(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        now = time.monotonic()
        calls = CALLS_PER_SECOND * (now - state["at"])
        state.update(calls=state["calls"] + calls, waited=state["waited"] + calls * float(DELAY.read_text() or 0), at=now)
        text = "# TYPE lingula_queue_delay_seconds histogram\n"
        for end, value in (('_bucket{model="a@1",le="+Inf"}', state["calls"]), ('_sum{model="a@1"}', state["waited"]),
                           ('_count{model="a@1"}', state["calls"])):
            text += "lingula_queue_delay_seconds%s %f\n" % (end, value)
        text += "lingula:offered_load:ratio1m 0.1\n"  # as the recording rule would give
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Exposition)
PORT.write_text(str(server.server_port))
server.serve_forever()
