"""Real proxies between caller and servers, with TLS towards the caller: nginx and Envoy."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request

import chaos_case
import harness
from chaos_case import ChaosCase

try:
    import numpy as np
    import tritonclient.grpc as triton
except ImportError as error:
    sys.exit(f"tritonclient is missing ({error}): ./dev test fetches it into third_party/tritonclient")

ENVOY = "third_party/envoy/envoy/_bin/envoy"
NGINX = """
daemon off; error_log stderr; pid {folder}/nginx.pid; worker_processes 1;
events {{ worker_connections 64; }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  client_max_body_size 64m;
  upstream servers {{ {servers} keepalive 4; }}
  server {{ listen 127.0.0.1:{clear} http2; location / {{ grpc_pass grpc://servers; }} }}
  server {{
    listen 127.0.0.1:{tls} ssl http2; ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/key.pem;
    location / {{ grpc_pass grpc://servers; }}
  }}
}}
"""


def envoy_config(folder, servers, clear, tls, admin):
    """Two listeners, one cluster: least request, with active gRPC health checks."""

    def address(port):
        return {"socket_address": {"address": "127.0.0.1", "port_value": port}}

    def listener(port, encrypted):
        router = {
            "name": "envoy.filters.http.router",
            "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"},
        }
        route = {"match": {"prefix": "/"}, "route": {"cluster": "lingula", "timeout": "0s"}}
        manager = {
            "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3."
            "HttpConnectionManager",
            "stat_prefix": "grpc",
            "codec_type": "HTTP2",
            "http_filters": [router],
            "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [route]}]},
        }
        filter_ = {"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}
        chain = {"filters": [filter_]}
        if encrypted:
            certificate = {
                "certificate_chain": {"filename": f"{folder}/cert.pem"},
                "private_key": {"filename": f"{folder}/key.pem"},
            }
            context = {
                "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
                "common_tls_context": {"tls_certificates": [certificate], "alpn_protocols": ["h2"]},
            }
            chain["transport_socket"] = {"name": "envoy.transport_sockets.tls", "typed_config": context}
        return {"address": address(port), "filter_chains": [chain]}

    http2 = {
        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
            "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
            "explicit_http_config": {"http2_protocol_options": {}},
        }
    }
    check = {
        "timeout": "1s",
        "interval": "0.2s",
        "no_traffic_interval": "0.2s",
        "unhealthy_threshold": 1,
        "healthy_threshold": 1,
        "grpc_health_check": {},
    }
    endpoints = [{"endpoint": {"address": address(server.port)}} for server in servers]
    cluster = {
        "name": "lingula",
        "type": "STATIC",
        "lb_policy": "LEAST_REQUEST",
        "typed_extension_protocol_options": http2,
        "health_checks": [check],
        "load_assignment": {"cluster_name": "lingula", "endpoints": [{"lb_endpoints": endpoints}]},
    }
    listeners = [listener(clear, False), listener(tls, True)]
    return {
        "admin": {"address": address(admin)},
        "static_resources": {"listeners": listeners, "clusters": [cluster]},
    }


class ProxiesTest(ChaosCase):
    def setUp(self):
        super().setUp()
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
            + ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
            + ["-keyout", f"{self.folder}/key.pem", "-out", f"{self.folder}/cert.pem"],
            check=True,
            stderr=subprocess.DEVNULL,
        )
        self.clear, self.tls, self.admin = (harness.free_port() for _ in range(3))

    def start_proxy(self, command):
        log = open(f"{self.folder}/proxy.log", "wb")
        self.addCleanup(log.close)
        proxy = subprocess.Popen(command, stdout=log, stderr=log)
        self.addCleanup(proxy.wait)
        self.addCleanup(proxy.terminate)  # killed, nginx would leave its worker behind
        self.wait_for(self.listens, proxy)

    def listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.tls)) == 0

    def wait_for(self, what, proxy=None):
        """A proxy has no line that says ready, so it is asked."""

        def done():
            return what() or (proxy is not None and proxy.poll() is not None)

        if not self.comes_true(done) or not what():
            with open(f"{self.folder}/proxy.log", encoding="utf-8") as log:
                self.fail(f"the proxy is not ready: {log.read()[-2000:]}")

    def start_nginx(self, *servers):
        upstream = " ".join(f"server 127.0.0.1:{server.port};" for server in servers)
        config = NGINX.format(folder=self.folder, servers=upstream, clear=self.clear, tls=self.tls)
        with open(f"{self.folder}/nginx.conf", "w", encoding="ascii") as file:
            file.write(config)
        self.start_proxy(["/usr/sbin/nginx", "-c", f"{self.folder}/nginx.conf"])

    def start_envoy(self, *servers):
        self.assertTrue(os.path.exists(ENVOY), "Envoy is missing: ./dev test fetches it into third_party/envoy")
        with open(f"{self.folder}/envoy.json", "w", encoding="ascii") as file:
            json.dump(envoy_config(self.folder, servers, self.clear, self.tls, self.admin), file)
        words = ["-c", f"{self.folder}/envoy.json", "--concurrency", "1", "--use-dynamic-base-id"]
        self.start_proxy([ENVOY, *words])
        self.wait_for(lambda: self.healthy() == len(servers))

    def healthy(self):
        url = f"http://127.0.0.1:{self.admin}/stats?filter=cluster.lingula.membership_healthy"
        with urllib.request.urlopen(url) as answer:
            return int(answer.read().split()[-1])

    def expect_unary_over_tls(self):
        client = triton.InferenceServerClient(
            f"localhost:{self.tls}", ssl=True, root_certificates=f"{self.folder}/cert.pem"
        )
        self.addCleanup(client.close)
        self.assertTrue(client.is_server_ready())
        with open(harness.FILM, "rb") as film:
            array = np.array([[film.read()]], dtype=np.object_)
        image = triton.InferInput("IMAGE", array.shape, "BYTES")
        image.set_data_from_numpy(array)
        answer = client.infer(harness.MODEL, [image])
        self.assertTrue(answer.get_response().outputs)

    def expect_stream(self):
        frames = f"{self.folder}/frames"
        os.makedirs(frames, exist_ok=True)
        for number in range(5):
            os.symlink(os.path.abspath(harness.FILM), f"{frames}/{number}.jpg")
        done = subprocess.run(
            [f"{chaos_case.BIN}/lingula", "stream", frames, "--server", f"127.0.0.1:{self.clear}"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=harness.PATIENCE_S,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn(b"5", done.stdout)

    def test_nginx_passes_calls_and_streams_on(self):
        server = self.server()
        self.start_nginx(server)
        self.expect_unary_over_tls()
        self.expect_stream()

    def test_a_server_killed_behind_nginx_costs_no_call(self):
        servers = [self.server(), self.server()]
        self.start_nginx(*servers)
        load = self.load(target=f"127.0.0.1:{self.clear}")
        load.more(20)
        servers[0].end(signal.SIGKILL)
        load.more(40)
        servers[0].start()
        load.more(20)
        self.expect_no_call_lost(load.stop(), *servers)

    def test_envoy_passes_calls_and_streams_on(self):
        server = self.server()
        self.start_envoy(server)
        self.expect_unary_over_tls()
        self.expect_stream()

    def test_envoy_notices_a_server_that_drains_or_dies(self):
        servers = [self.server(), self.server()]
        self.start_envoy(*servers)
        load = self.load(target=f"127.0.0.1:{self.clear}")
        for how in (signal.SIGTERM, signal.SIGKILL):
            load.more(20)
            servers[0].end(how)
            self.wait_for(lambda: self.healthy() == 1)
            load.more(20)
            servers[0].start()
            self.wait_for(lambda: self.healthy() == 2)
        load.more(20)
        self.expect_no_call_lost(load.stop(), *servers)


if __name__ == "__main__":
    chaos_case.main()
