package main

// What the value types do: Quantity, Time, MicroTime, Duration, IntOrString, raw JSON.
//
// Each op but "compact" takes one of
//   "json": the JSON text of the value, read with its UnmarshalJSON
//   "wire": base64 of its message, read with its Unmarshal
// and answers with what it writes then: {"json": text or null, "json_error": text, "wire": base64}.

import (
	"encoding/json"
	"errors"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

type scalarRequest struct {
	JSON *string `json:"json"`
	Wire *[]byte `json:"wire"`
}

type scalarAnswer struct {
	JSON      string `json:"json,omitempty"`
	JSONError string `json:"json_error,omitempty"`
	Wire      []byte `json:"wire"`
}

type scalarMessage interface {
	Marshal() ([]byte, error)
	Unmarshal([]byte) error
}

// scalar reads a request into m, a pointer, and writes it again.
func scalar(request []byte, m scalarMessage) (any, error) {
	var asked scalarRequest
	if err := json.Unmarshal(request, &asked); err != nil {
		return nil, err
	}
	switch {
	case asked.JSON != nil:
		if err := json.Unmarshal([]byte(*asked.JSON), m); err != nil {
			return nil, err
		}
	case asked.Wire != nil:
		if err := m.Unmarshal(*asked.Wire); err != nil {
			return nil, err
		}
	default:
		return nil, errors.New("neither json nor wire")
	}
	var out scalarAnswer
	text, err := json.Marshal(m)
	if err != nil {
		out.JSONError = err.Error()
	}
	out.JSON = string(text)
	wire, err := m.Marshal()
	out.Wire = append([]byte{}, wire...) // a zero time is nil: "", not null
	return out, err
}

// compareQuantities answers with the sign of a.Cmp(b), two texts.
func compareQuantities(request []byte) (any, error) {
	var asked struct{ A, B string }
	if err := json.Unmarshal(request, &asked); err != nil {
		return nil, err
	}
	a, err := resource.ParseQuantity(asked.A)
	if err != nil {
		return nil, err
	}
	b, err := resource.ParseQuantity(asked.B)
	if err != nil {
		return nil, err
	}
	return map[string]int{"sign": a.Cmp(b)}, nil
}

// compact answers with what encoding/json writes for the base64 bytes "raw" of a json.RawMessage.
func compact(request []byte) (any, error) {
	var asked struct {
		Raw []byte `json:"raw"`
	}
	if err := json.Unmarshal(request, &asked); err != nil {
		return nil, err
	}
	out, err := json.Marshal(json.RawMessage(asked.Raw))
	return out, err
}

func init() {
	ops["quantity"] = func(request []byte) (any, error) { return scalar(request, new(resource.Quantity)) }
	ops["quantity_compare"] = compareQuantities
	ops["time"] = func(request []byte) (any, error) { return scalar(request, new(metav1.Time)) }
	ops["micro_time"] = func(request []byte) (any, error) { return scalar(request, new(metav1.MicroTime)) }
	ops["duration"] = func(request []byte) (any, error) { return scalar(request, new(metav1.Duration)) }
	ops["int_or_string"] = func(request []byte) (any, error) { return scalar(request, new(intstr.IntOrString)) }
	ops["compact"] = compact
}
