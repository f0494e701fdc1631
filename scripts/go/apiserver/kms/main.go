// Command kms is a key management plugin for captures: it speaks KMS v1 and v2 on a Unix socket and
// wraps keys by writing them in base64, so that nobody takes what it wraps for a secret.
package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"net"
	"os"

	"google.golang.org/grpc"
	v1 "k8s.io/kms/apis/v1beta1"
	v2 "k8s.io/kms/apis/v2"
)

// What every v2 value carries beside the wrapped key.
const keyID = "key-encryption-key-1"

var annotations = map[string][]byte{"wrapping.example.com": []byte("base64")}

type pluginV1 struct {
	v1.UnimplementedKeyManagementServiceServer
}

func (pluginV1) Version(context.Context, *v1.VersionRequest) (*v1.VersionResponse, error) {
	return &v1.VersionResponse{Version: "v1beta1", RuntimeName: "base64", RuntimeVersion: "1"}, nil
}

func (pluginV1) Encrypt(_ context.Context, in *v1.EncryptRequest) (*v1.EncryptResponse, error) {
	return &v1.EncryptResponse{Cipher: wrap(in.Plain)}, nil
}

func (pluginV1) Decrypt(_ context.Context, in *v1.DecryptRequest) (*v1.DecryptResponse, error) {
	plain, err := unwrap(in.Cipher)
	return &v1.DecryptResponse{Plain: plain}, err
}

type pluginV2 struct {
	v2.UnimplementedKeyManagementServiceServer
}

func (pluginV2) Status(context.Context, *v2.StatusRequest) (*v2.StatusResponse, error) {
	return &v2.StatusResponse{Version: "v2", Healthz: "ok", KeyId: keyID}, nil
}

func (pluginV2) Encrypt(_ context.Context, in *v2.EncryptRequest) (*v2.EncryptResponse, error) {
	return &v2.EncryptResponse{Ciphertext: wrap(in.Plaintext), KeyId: keyID, Annotations: annotations}, nil
}

func (pluginV2) Decrypt(_ context.Context, in *v2.DecryptRequest) (*v2.DecryptResponse, error) {
	plain, err := unwrap(in.Ciphertext)
	return &v2.DecryptResponse{Plaintext: plain}, err
}

func wrap(plain []byte) []byte {
	return base64.StdEncoding.AppendEncode(nil, plain)
}

func unwrap(wrapped []byte) ([]byte, error) {
	return base64.StdEncoding.AppendDecode(nil, wrapped)
}

func serve(socket string) error {
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	server := grpc.NewServer()
	v1.RegisterKeyManagementServiceServer(server, pluginV1{})
	v2.RegisterKeyManagementServiceServer(server, pluginV2{})
	return server.Serve(listener)
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: kms SOCKET")
		os.Exit(2)
	}
	if err := serve(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
