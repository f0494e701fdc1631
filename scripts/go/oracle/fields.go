package main

import (
	"reflect"
	"strconv"
	"strings"

	"k8s-codec/scripts/k8s"
)

// fields → {message: [field number, …]}: what the newest release has on the wire, by the full
// protobuf name, for every struct that a registered kind reaches. Our schema keeps what it dropped.
func init() {
	ops["fields"] = func([]byte) (any, error) {
		found := map[string][]int{}
		for _, kind := range k8s.Kinds() {
			collectFields(kind.Type, found)
		}
		return found, nil
	}
}

func collectFields(t reflect.Type, found map[string][]int) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		collectFields(t.Elem(), found)
		return
	case reflect.Struct:
	default:
		return
	}
	message := messageName(t)
	if _, ok := found[message]; ok {
		return
	}
	found[message] = []int{}
	for i := range t.NumField() {
		field := t.Field(i)
		if parts := strings.Split(field.Tag.Get("protobuf"), ","); len(parts) > 1 {
			number, err := strconv.Atoi(parts[1])
			if err != nil {
				panic(err)
			}
			found[message] = append(found[message], number)
			collectFields(field.Type, found)
		}
	}
}

// messageName is k8s.io.api.core.v1.Pod for k8s.io/api/core/v1.Pod.
func messageName(t reflect.Type) string {
	return strings.NewReplacer("/", ".", "-", "_").Replace(t.PkgPath()) + "." + t.Name()
}
