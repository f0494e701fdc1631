package k8s

import (
	"bytes"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
)

// The serializers that an API server is made of, bare: no defaulting, no conversion, and an
// object's own apiVersion and kind are written as they are.
var (
	Protobuf   runtime.Serializer = protobuf.NewSerializer(Scheme, Scheme)
	JSON       runtime.Serializer = newText(json.SerializerOptions{})
	PrettyJSON runtime.Serializer = newText(json.SerializerOptions{Pretty: true})
	YAML       runtime.Serializer = newText(json.SerializerOptions{Yaml: true})
	StrictJSON runtime.Serializer = newText(json.SerializerOptions{Strict: true})
	StrictYAML runtime.Serializer = newText(json.SerializerOptions{Yaml: true, Strict: true})
)

func newText(options json.SerializerOptions) runtime.Serializer {
	return json.NewSerializerWithOptions(json.DefaultMetaFactory, Scheme, Scheme, options)
}

// Encode gives exactly what the serializer writes: JSON ends with a newline, pretty JSON does not.
func Encode(serializer runtime.Serializer, object runtime.Object) ([]byte, error) {
	var out bytes.Buffer
	if err := serializer.Encode(object, &out); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// Decode makes an object of the kind that the data names.
func Decode(serializer runtime.Serializer, data []byte) (runtime.Object, error) {
	object, _, err := serializer.Decode(data, nil, nil)
	return object, err
}
