package main

import (
	"context"
	"encoding/json"
	"sort"

	v1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
	"k8s.io/client-go/tools/record"
	"k8s.io/kubernetes/pkg/controller/endpointslicemirroring"
)

func init() {
	ops["mirror"] = mirror
}

// mirror runs the real mirroring controller over one Endpoints with no slices yet, and answers with the slices
// that it creates and the events that it sends. The order of slices and of endpoints is random there:
// both are sorted by their JSON.
func mirror(request []byte) (any, error) {
	var r struct {
		Endpoints v1.Endpoints `json:"endpoints"`
		Service   *v1.Service  `json:"service"`
		Max       int32        `json:"max"`
	}
	if err := json.Unmarshal(request, &r); err != nil {
		return nil, err
	}
	client := fake.NewClientset()
	created := []*discoveryv1.EndpointSlice{}
	client.PrependReactor("create", "endpointslices", func(action clienttesting.Action) (bool, runtime.Object, error) {
		slice := action.(clienttesting.CreateAction).GetObject().(*discoveryv1.EndpointSlice)
		created = append(created, slice)
		return true, slice, nil
	})
	shared := informers.NewSharedInformerFactory(client, 0)
	c := endpointslicemirroring.NewController(context.Background(), shared.Core().V1().Endpoints(),
		shared.Discovery().V1().EndpointSlices(), shared.Core().V1().Services(), r.Max, client, 0)
	recorder := record.NewFakeRecorder(16)
	replace(c, recorder, "reconciler", "eventRecorder")
	if err := shared.Core().V1().Endpoints().Informer().GetStore().Add(&r.Endpoints); err != nil {
		return nil, err
	}
	if r.Service != nil {
		if err := shared.Core().V1().Services().Informer().GetStore().Add(r.Service); err != nil {
			return nil, err
		}
	}
	if err := syncEndpoints(c, context.Background(), r.Endpoints.Namespace+"/"+r.Endpoints.Name); err != nil {
		return nil, err
	}
	close(recorder.Events)
	events := []string{}
	for event := range recorder.Events {
		events = append(events, event)
	}
	slices := []json.RawMessage{}
	for _, slice := range created {
		sort.Slice(slice.Endpoints, func(i, j int) bool {
			return text(slice.Endpoints[i]) < text(slice.Endpoints[j])
		})
		slices = append(slices, json.RawMessage(text(slice)))
	}
	sort.Slice(slices, func(i, j int) bool { return string(slices[i]) < string(slices[j]) })
	return map[string]any{"slices": slices, "events": events}, nil
}

func text(object any) string {
	out, err := json.Marshal(object)
	if err != nil {
		panic(err)
	}
	return string(out)
}
