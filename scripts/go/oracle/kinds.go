package main

import "k8s-codec/scripts/k8s"

// kinds → [[apiVersion, kind, Go package path, Go type, has a protobuf message, shared], …]; shared
// marks apimachinery's options types and WatchEvent, which every group version registers again.
func init() {
	ops["kinds"] = func([]byte) (any, error) {
		var rows [][]any
		for _, k := range k8s.Kinds() {
			rows = append(rows, []any{k.APIVersion(), k.Kind, k.Type.PkgPath(), k.Type.Name(), k.HasProtobuf(), k.Shared()})
		}
		return rows, nil
	}
}
