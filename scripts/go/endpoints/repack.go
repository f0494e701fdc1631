package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"hash/fnv"

	v1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/kubernetes/pkg/api/v1/endpoints"
	"k8s.io/utils/dump"
)

func init() {
	ops["repack"] = repack
	ops["hash"] = hashText
}

// intern makes equal appProtocol values share one pointer, as in the endpoints controller, where all pods
// take it from the one port of the Service.
func intern(subsets []v1.EndpointSubset) {
	seen := map[string]*string{}
	for i := range subsets {
		for j := range subsets[i].Ports {
			p := &subsets[i].Ports[j]
			if p.AppProtocol == nil {
				continue
			}
			if known, ok := seen[*p.AppProtocol]; ok {
				p.AppProtocol = known
			} else {
				seen[*p.AppProtocol] = p.AppProtocol
			}
		}
	}
}

func repack(request []byte) (any, error) {
	var r struct {
		Subsets []v1.EndpointSubset `json:"subsets"`
		Shared  bool                `json:"shared"`
	}
	if err := json.Unmarshal(request, &r); err != nil {
		return nil, err
	}
	if r.Shared {
		intern(r.Subsets)
	}
	return endpoints.RepackSubsets(r.Subsets), nil
}

// hashText answers with the text that Kubernetes hashes for an object, and the hash.
func hashText(request []byte) (any, error) {
	var r struct {
		Kind   string          `json:"kind"`
		Object json.RawMessage `json:"object"`
	}
	if err := json.Unmarshal(request, &r); err != nil {
		return nil, err
	}
	var object any
	decoder := json.NewDecoder(bytes.NewReader(r.Object))
	var err error
	switch r.Kind {
	case "EndpointPort":
		var o v1.EndpointPort
		err = decoder.Decode(&o)
		object = o
	case "EndpointSubset":
		var o v1.EndpointSubset
		err = decoder.Decode(&o)
		object = o
	default:
		var o discoveryv1.EndpointPort
		err = decoder.Decode(&o)
		object = o
	}
	if err != nil {
		return nil, err
	}
	text := dump.ForHash(object)
	hasher := fnv.New128a()
	hasher.Write([]byte(text))
	return map[string]string{"text": text, "hash": hex.EncodeToString(hasher.Sum(nil))}, nil
}
