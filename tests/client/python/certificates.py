"""Certificates of a day, made by openssl: an authority ("ca"), the server "localhost", and a "caller"."""

import os
import subprocess
import tempfile


class Certificates:
    """PEM files in a folder of their own: NAME.pem and NAME.key; the authority's certificate is "ca"."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory()
        self._request("ca", "-x509", "-days", "2")
        for name in ("localhost", "caller"):
            self._request(name)
            with open(self.path("names"), "w", encoding="ascii") as file:
                file.write(f"subjectAltName=DNS:{name}\n")
            self._openssl(
                "x509", "-req", "-in", self.path(name), "-CA", self.path("ca"), "-CAkey", self.path("ca.key"),
                "-CAcreateserial", "-days", "2", "-extfile", self.path("names"),
                "-out", self.path(name + ".pem"),
            )  # fmt: skip

    def close(self):
        self._folder.cleanup()

    def path(self, name):
        return os.path.join(self._folder.name, name)

    def of_server(self, ask_callers):
        """Credentials for a server of grpcio that asks its callers for certificates, or does not."""
        import grpc  # not everybody who wants certificates has it

        return grpc.ssl_server_credentials(
            [(self._read("localhost.key"), self._read("localhost.pem"))],
            root_certificates=self._read("ca") if ask_callers else None,
            require_client_auth=ask_callers,
        )

    def of_real_server(self, caller="", ask_callers=True):
        """The same for lingula-server, as text for its configuration; `caller`: that of a file of callers, which then
        says who may call."""
        asked = f'client_ca_file: "{self.path("ca")}"' if ask_callers else ""
        access = ""
        if caller:
            with open(self.path("callers"), "w", encoding="ascii") as file:
                file.write(f"callers {{ {caller} }}\n")
            access = f'access {{ callers_file: "{self.path("callers")}" }}'
        return f"""tls {{
          certificate_file: "{self.path("localhost.pem")}" key_file: "{self.path("localhost.key")}" {asked}
        }}
        {access}"""

    def _read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def _request(self, name, *more):
        self._openssl(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
            "-keyout", self.path(name + ".key"), "-out", self.path(name), *more,
        )  # fmt: skip

    @staticmethod
    def _openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True)
