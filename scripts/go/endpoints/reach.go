package main

import (
	"context"
	"reflect"
	"unsafe" // for go:linkname too

	v1 "k8s.io/api/core/v1"
	"k8s.io/kubernetes/pkg/controller/endpoint"
	"k8s.io/kubernetes/pkg/controller/endpointslicemirroring"
)

// What the controllers do for one object stands in methods that only their own queues call. Reached by
// link name they answer at once, with no queue, no clock and no other goroutine in between.

//go:linkname syncService k8s.io/kubernetes/pkg/controller/endpoint.(*Controller).syncService
func syncService(c *endpoint.Controller, ctx context.Context, key string) error

//go:linkname truncateEndpoints k8s.io/kubernetes/pkg/controller/endpoint.truncateEndpoints
func truncateEndpoints(endpoints *v1.Endpoints) bool

//go:linkname syncEndpoints k8s.io/kubernetes/pkg/controller/endpointslicemirroring.(*Controller).syncEndpoints
func syncEndpoints(c *endpointslicemirroring.Controller, ctx context.Context, key string) error

// replace puts value into an unexported field, reached by the names that lead to it.
func replace(object any, value any, names ...string) {
	v := reflect.ValueOf(object).Elem()
	for _, name := range names {
		if v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
		v = v.FieldByName(name)
		v = reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem()
	}
	v.Set(reflect.ValueOf(value))
}
