"""The messages and stubs of proto/lingula/v1, as protoc makes them (generate.sh)."""
