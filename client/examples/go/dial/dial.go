// Package dial makes the connection: encrypted or not, with retries by service configuration.
package dial

import (
	"crypto/tls"
	"crypto/x509"
	"flag"
	"fmt"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	_ "google.golang.org/grpc/health" // lets the service configuration ask for health checks
)

var (
	config = flag.String("config", "client/service_config.json", "service configuration")
	ca     = flag.String("ca", "", "PEM: who signed the server's certificate; turns TLS on")
	cert   = flag.String("cert", "", "PEM: this caller's certificate (mTLS)")
	key    = flag.String("key", "", "PEM: its key")
)

// Dial connects to target as the flags say.
func Dial(target string) (*grpc.ClientConn, error) {
	retries, err := os.ReadFile(*config)
	if err != nil {
		return nil, err
	}
	secrecy := insecure.NewCredentials()
	if *ca != "" {
		if secrecy, err = encrypted(); err != nil {
			return nil, err
		}
	}
	return grpc.Dial(target,
		grpc.WithTransportCredentials(secrecy),
		grpc.WithDefaultServiceConfig(string(retries)),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(64<<20)),
		grpc.WithNoProxy()) // images must not leave by a way that nobody chose
}

func encrypted() (credentials.TransportCredentials, error) {
	pem, err := os.ReadFile(*ca)
	if err != nil {
		return nil, err
	}
	authorities := x509.NewCertPool()
	if !authorities.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("-ca: no certificate in it")
	}
	settings := &tls.Config{RootCAs: authorities, MinVersion: tls.VersionTLS12}
	if *cert != "" {
		own, err := tls.LoadX509KeyPair(*cert, *key)
		if err != nil {
			return nil, err
		}
		settings.Certificates = []tls.Certificate{own}
	}
	return credentials.NewTLS(settings), nil
}
