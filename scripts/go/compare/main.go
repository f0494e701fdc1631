// Command compare tells which fields differ between two objects, as server-side apply sees them.
//
// It reads one JSON request a line on stdin, {"old": OBJECT, "new": OBJECT}, and writes one JSON
// answer a line on stdout, in order: {"result": [PATH, …]} or {"error": TEXT}. A path is a list of
// elements as FieldsV1 spells them. A module of its own: the types of server-side apply need much
// that the oracle does without.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/client-go/applyconfigurations"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
	"sigs.k8s.io/structured-merge-diff/v6/typed"
)

type request struct {
	Old json.RawMessage `json:"old"`
	New json.RawMessage `json:"new"`
}

type answer struct {
	Result [][]string `json:"result"`
	Error  string     `json:"error,omitempty"`
}

func typedValue(converter managedfields.TypeConverter, raw json.RawMessage) (*typed.TypedValue, error) {
	obj := &unstructured.Unstructured{}
	if err := obj.UnmarshalJSON(raw); err != nil {
		return nil, err
	}
	return converter.ObjectToTyped(obj)
}

func compare(converter managedfields.TypeConverter, line []byte) ([][]string, error) {
	var given request
	if err := json.Unmarshal(line, &given); err != nil {
		return nil, err
	}
	before, err := typedValue(converter, given.Old)
	if err != nil {
		return nil, err
	}
	after, err := typedValue(converter, given.New)
	if err != nil {
		return nil, err
	}
	found, err := before.Compare(after)
	if err != nil {
		return nil, err
	}
	paths := [][]string{}
	found.Added.Union(found.Removed).Union(found.Modified).Iterate(func(path fieldpath.Path) {
		row := []string{}
		for _, element := range path {
			text, failed := fieldpath.SerializePathElement(element)
			if failed != nil {
				err = failed
			}
			row = append(row, text)
		}
		paths = append(paths, row)
	})
	return paths, err
}

func main() {
	converter := applyconfigurations.NewTypeConverter(scheme.Scheme)
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 0 {
			var told answer
			var failed error
			if told.Result, failed = compare(converter, line); failed != nil {
				told.Error = failed.Error()
			}
			if err := encoder.Encode(told); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		}
		if err != nil {
			return
		}
	}
}
