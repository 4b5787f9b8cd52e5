package lingula;

import com.google.gson.Gson;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;
import java.io.File;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Makes the connection, as properties (-Dname=value) say: "config" the service configuration, "ca" who signed the
 * server's certificate (turns TLS on), "cert" and "key" this caller's own (mTLS); all of them PEM files.
 */
final class Channels {
  private Channels() {}

  @SuppressWarnings("unchecked") // a JSON object
  static ManagedChannel open(String target) throws IOException {
    Path config = Path.of(System.getProperty("config", "client/service_config.json"));
    try (Reader json = Files.newBufferedReader(config)) {
      Map<String, ?> retries = new Gson().fromJson(json, Map.class);
      return Grpc.newChannelBuilder(target, credentials())
          .defaultServiceConfig(retries)
          .enableRetry()
          .maxInboundMessageSize(64 << 20)
          .proxyDetector(address -> null) // images must not leave by a way that nobody chose
          .build();
    }
  }

  private static ChannelCredentials credentials() throws IOException {
    String ca = System.getProperty("ca");
    if (ca == null) {
      return InsecureChannelCredentials.create();
    }
    TlsChannelCredentials.Builder tls = TlsChannelCredentials.newBuilder().trustManager(new File(ca));
    String cert = System.getProperty("cert");
    if (cert != null) {
      tls.keyManager(new File(cert), new File(System.getProperty("key")));
    }
    return tls.build();
  }
}
