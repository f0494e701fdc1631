package main

import (
	"encoding/json"
	"fmt"
	"slices"

	"k8s-codec/scripts/k8s"

	"k8s.io/apimachinery/pkg/runtime"
)

// Whole values through the real serializers. All bytes are base64, exact: JSON keeps the newline
// that the serializer ends with.
//
//	decode      {"raw": stored protobuf}  → forms
//	encode_json {"json": text}            → forms and strict
//	encode_yaml {"yaml": text}            → forms and strict
//
//	make        {"apiVersion": …, "kind": …, "seed": text} → forms of an object with anything in it
//
// "want": ["json", "yaml", "raw"] limits the forms that are made (YAML is by far the slowest).
// A form that Go cannot write stands in "failed" with Go's words, the other forms are still there.
func init() {
	ops["decode"] = func(request []byte) (any, error) {
		return convert(request, k8s.Protobuf, nil, func(r valueRequest) []byte { return r.Raw })
	}
	ops["make"] = makeValue
	ops["encode_json"] = func(request []byte) (any, error) {
		return convert(request, k8s.JSON, k8s.StrictJSON, func(r valueRequest) []byte { return r.JSON })
	}
	ops["encode_yaml"] = func(request []byte) (any, error) {
		return convert(request, k8s.YAML, k8s.StrictYAML, func(r valueRequest) []byte { return r.YAML })
	}
}

type valueRequest struct {
	Raw  []byte   `json:"raw"`
	JSON []byte   `json:"json"`
	YAML []byte   `json:"yaml"`
	Want []string `json:"want"`
}

type valueAnswer struct {
	APIVersion string            `json:"apiVersion"`
	Kind       string            `json:"kind"`
	Raw        []byte            `json:"raw,omitempty"`
	JSON       []byte            `json:"json,omitempty"`
	YAML       []byte            `json:"yaml,omitempty"`
	Failed     map[string]string `json:"failed,omitempty"`
	Strict     string            `json:"strict,omitempty"` // what strict decoding says of a text that is otherwise taken
}

// convert reads the input with one serializer and writes the object with all of them.
func convert(request []byte, reader, strict runtime.Serializer, input func(valueRequest) []byte) (any, error) {
	var in valueRequest
	if err := json.Unmarshal(request, &in); err != nil {
		return nil, fmt.Errorf("bad request: %w", err)
	}
	object, err := k8s.Decode(reader, input(in))
	if err != nil {
		return nil, err
	}
	out := forms(object, in.Want)
	if strict != nil {
		if _, err := k8s.Decode(strict, input(in)); err != nil {
			out.Strict = err.Error()
		}
	}
	return out, nil
}

// makeValue fills an object of the kind from the seed, stores it, and shows what is stored: the same
// kind and seed give the same object.
func makeValue(request []byte) (any, error) {
	var in struct {
		APIVersion string   `json:"apiVersion"`
		Kind       string   `json:"kind"`
		Seed       string   `json:"seed"`
		Want       []string `json:"want"`
	}
	if err := json.Unmarshal(request, &in); err != nil {
		return nil, fmt.Errorf("bad request: %w", err)
	}
	kind, err := k8s.KindOf(in.APIVersion, in.Kind)
	if err != nil {
		return nil, err
	}
	raw, err := k8s.Encode(k8s.Protobuf, k8s.Wild(kind, in.APIVersion+" "+in.Kind+" "+in.Seed))
	if err != nil {
		return nil, err
	}
	object, _, err := k8s.Protobuf.Decode(raw, &kind.GroupVersionKind, nil)
	if err != nil {
		return nil, err
	}
	return forms(object, in.Want), nil
}

// forms writes the object with every serializer.
func forms(object runtime.Object, want []string) valueAnswer {
	out := valueAnswer{Failed: map[string]string{}}
	out.APIVersion, out.Kind = object.GetObjectKind().GroupVersionKind().ToAPIVersionAndKind()
	for _, form := range []struct {
		name   string
		writer runtime.Serializer
		place  *[]byte
	}{{"raw", k8s.Protobuf, &out.Raw}, {"json", k8s.JSON, &out.JSON}, {"yaml", k8s.YAML, &out.YAML}} {
		if len(want) > 0 && !slices.Contains(want, form.name) {
			continue
		}
		text, err := write(form.writer, object)
		if err != nil {
			out.Failed[form.name] = err.Error()
		}
		*form.place = text
	}
	return out
}

// write turns a panic into an error, so that one form that fails does not take the others along.
func write(serializer runtime.Serializer, object runtime.Object) (data []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return k8s.Encode(serializer, object)
}
