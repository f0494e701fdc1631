package main

// Questions about generic JSON and YAML text. Bytes travel as base64 in both directions, so that
// texts that are no UTF-8 arrive as they are.

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strconv"

	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
	goyaml "sigs.k8s.io/yaml/goyaml.v2"
)

type textRequest struct {
	JSON   []byte `json:"json"`
	YAML   []byte `json:"yaml"`
	Bytes  []byte `json:"bytes"`
	Indent string `json:"indent"`
	Bits   string `json:"bits"`
}

func textOp(f func(textRequest) (any, error)) op {
	return func(request []byte) (any, error) {
		var r textRequest
		if err := json.Unmarshal(request, &r); err != nil {
			return nil, err
		}
		return f(r)
	}
}

func init() {
	ops["json_to_yaml"] = textOp(func(r textRequest) (any, error) {
		return bytesOrError(yaml.JSONToYAML(r.JSON))
	})
	// What the YAML emitter alone does with a value, without reading its JSON as YAML first.
	ops["yaml_emit"] = textOp(func(r textRequest) (any, error) {
		var value any
		if err := json.Unmarshal(r.JSON, &value); err != nil {
			return nil, err
		}
		return bytesOrError(goyaml.Marshal(value))
	})
	ops["yaml_to_json"] = textOp(func(r textRequest) (any, error) {
		return bytesOrError(yaml.YAMLToJSON(r.YAML))
	})
	ops["yaml_to_json_strict"] = textOp(func(r textRequest) (any, error) {
		return bytesOrError(yaml.YAMLToJSONStrict(r.YAML))
	})
	// As a json.RawMessage inside a larger value is printed.
	ops["json_compact"] = textOp(func(r textRequest) (any, error) {
		return bytesOrError(json.Marshal(json.RawMessage(r.JSON)))
	})
	ops["json_indent"] = textOp(func(r textRequest) (any, error) {
		var out bytes.Buffer
		if err := json.Indent(&out, r.JSON, "", r.Indent); err != nil {
			return nil, err
		}
		return out.Bytes(), nil
	})
	ops["json_string"] = textOp(func(r textRequest) (any, error) {
		return bytesOrError(json.Marshal(string(r.Bytes)))
	})
	// The forms of a float64 given by its bits in decimal: JSON, and YAML at 64 and 32 bits.
	ops["float_text"] = textOp(func(r textRequest) (any, error) {
		bits, err := strconv.ParseUint(r.Bits, 10, 64)
		if err != nil {
			return nil, err
		}
		value := math.Float64frombits(bits)
		text, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		return []string{
			string(text),
			strconv.FormatFloat(value, 'g', -1, 64),
			strconv.FormatFloat(value, 'g', -1, 32),
		}, nil
	})
	ops["split_yaml"] = textOp(func(r textRequest) (any, error) {
		reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(r.YAML)))
		documents := [][]byte{}
		for {
			document, err := reader.Read()
			if errors.Is(err, io.EOF) {
				return documents, nil
			}
			if err != nil {
				return nil, err
			}
			documents = append(documents, document)
		}
	})
}

func bytesOrError(text []byte, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return text, nil
}
