package main

// Questions about what stands in a table: how long ago something was, and what a printer column's path finds.

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"k8s.io/apimachinery/pkg/util/duration"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/client-go/util/jsonpath"
)

type tableRequest struct {
	Nanoseconds []int64         `json:"nanoseconds"`
	Path        string          `json:"path"`
	Tree        json.RawMessage `json:"tree"`
}

// found is what a path finds in a tree.
type found struct {
	Refused bool   `json:"refused,omitempty"` // the path itself
	Failed  bool   `json:"failed,omitempty"`  // its evaluation
	Values  []any  `json:"values"`
	Text    string `json:"text"` // of the first value, as a column of type string has it
}

func tableOp(f func(tableRequest) (any, error)) op {
	return func(request []byte) (any, error) {
		var r tableRequest
		if err := json.Unmarshal(request, &r); err != nil {
			return nil, err
		}
		return f(r)
	}
}

func init() {
	ops["human_durations"] = tableOp(func(r tableRequest) (any, error) {
		texts := []string{}
		for _, each := range r.Nanoseconds {
			texts = append(texts, duration.HumanDuration(time.Duration(each)))
		}
		return texts, nil
	})
	ops["jsonpath"] = tableOp(func(r tableRequest) (any, error) {
		path := jsonpath.New("column")
		if err := path.Parse(fmt.Sprintf("{%s}", r.Path)); err != nil {
			return found{Refused: true}, nil
		}
		path.AllowMissingKeys(true)
		var tree any
		if err := utiljson.Unmarshal(r.Tree, &tree); err != nil {
			return nil, err
		}
		results, err := path.FindResults(tree)
		if err != nil {
			return found{Failed: true}, nil
		}
		out := found{Values: []any{}}
		if len(results) > 0 && len(results[0]) > 0 {
			for _, each := range results[0] {
				out.Values = append(out.Values, each.Interface())
			}
			var text bytes.Buffer
			if err := path.PrintResults(&text, []reflect.Value{reflect.ValueOf(out.Values[0])}); err != nil {
				return nil, err
			}
			out.Text = text.String()
		}
		return out, nil
	})
}
