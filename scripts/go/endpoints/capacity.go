package main

import (
	"context"
	"encoding/json"
	"fmt"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
	"k8s.io/kubernetes/pkg/api/v1/endpoints"
	"k8s.io/kubernetes/pkg/controller/endpoint"
)

func init() {
	ops["truncate"] = truncate
	ops["endpoints_controller"] = endpointsController
}

// truncate does with any subsets what the endpoints controller does with those that it made from Pods.
func truncate(request []byte) (any, error) {
	var r struct {
		Object v1.Endpoints `json:"object"`
	}
	if err := json.Unmarshal(request, &r); err != nil {
		return nil, err
	}
	o := &r.Object
	intern(o.Subsets)
	o.Subsets = endpoints.RepackSubsets(o.Subsets)
	if o.Annotations == nil {
		o.Annotations = map[string]string{}
	}
	if truncateEndpoints(o) {
		o.Annotations[v1.EndpointsOverCapacity] = "truncated"
	} else {
		delete(o.Annotations, v1.EndpointsOverCapacity)
	}
	return o, nil
}

// podGroup stands for Count Pods that are alike but for their numbers, which begin at First.
type podGroup struct {
	First int              `json:"first"`
	Count int              `json:"count"`
	Ready bool             `json:"ready"`
	Ports map[string]int32 `json:"ports"` // container ports by name, TCP
}

func (g podGroup) pods(namespace string, labels map[string]string) []*v1.Pod {
	status := v1.ConditionFalse
	if g.Ready {
		status = v1.ConditionTrue
	}
	var ports []v1.ContainerPort
	for name, number := range g.Ports {
		ports = append(ports, v1.ContainerPort{Name: name, ContainerPort: number, Protocol: v1.ProtocolTCP})
	}
	out := make([]*v1.Pod, 0, g.Count)
	for k := g.First; k < g.First+g.Count; k++ {
		ip := fmt.Sprintf("10.%d.%d.%d", k>>16&255, k>>8&255, k&255)
		out = append(out, &v1.Pod{
			ObjectMeta: metav1.ObjectMeta{
				Name: fmt.Sprintf("pod-%d", k), Namespace: namespace, UID: types.UID(fmt.Sprintf("uid-%d", k)), Labels: labels,
			},
			Spec: v1.PodSpec{NodeName: fmt.Sprintf("node-%d", k%7), Containers: []v1.Container{{Name: "c", Ports: ports}}},
			Status: v1.PodStatus{
				PodIP: ip, PodIPs: []v1.PodIP{{IP: ip}},
				Conditions: []v1.PodCondition{{Type: v1.PodReady, Status: status}},
			},
		})
	}
	return out
}

// endpointsController runs the real controller over a Service, the Pods behind it and the Endpoints that are
// stored, and answers with what it writes: null where it leaves them as they are.
func endpointsController(request []byte) (any, error) {
	var r struct {
		Service v1.Service    `json:"service"`
		Groups  []podGroup    `json:"groups"`
		Stored  *v1.Endpoints `json:"stored"`
	}
	if err := json.Unmarshal(request, &r); err != nil {
		return nil, err
	}
	client := fake.NewClientset()
	var written runtime.Object
	keep := func(action clienttesting.Action) (bool, runtime.Object, error) {
		written = action.(clienttesting.CreateAction).GetObject()
		return true, written, nil
	}
	client.PrependReactor("create", "endpoints", keep)
	client.PrependReactor("update", "endpoints", keep)
	shared := informers.NewSharedInformerFactory(client, 0)
	core := shared.Core().V1()
	c := endpoint.NewEndpointController(context.Background(), core.Pods(), core.Services(), core.Endpoints(), client, 0)
	if err := core.Services().Informer().GetStore().Add(&r.Service); err != nil {
		return nil, err
	}
	for _, group := range r.Groups {
		for _, pod := range group.pods(r.Service.Namespace, r.Service.Spec.Selector) {
			if err := core.Pods().Informer().GetStore().Add(pod); err != nil {
				return nil, err
			}
		}
	}
	if r.Stored != nil {
		if err := core.Endpoints().Informer().GetStore().Add(r.Stored); err != nil {
			return nil, err
		}
	}
	if err := syncService(c, context.Background(), r.Service.Namespace+"/"+r.Service.Name); err != nil {
		return nil, err
	}
	return written, nil
}
