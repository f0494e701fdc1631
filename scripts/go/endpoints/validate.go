package main

import (
	"encoding/json"
	"fmt"

	v1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/apis/core"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	corevalidation "k8s.io/kubernetes/pkg/apis/core/validation"
	"k8s.io/kubernetes/pkg/apis/discovery"
	_ "k8s.io/kubernetes/pkg/apis/discovery/install"
	discoveryvalidation "k8s.io/kubernetes/pkg/apis/discovery/validation"
)

func init() {
	ops["validate"] = validate
	ops["defaults"] = defaults
}

// read gives the object as the API server has it before it validates: decoded, defaulted. The text is JSON, or a
// JSON string with the base64 of a protobuf value, whose strings need not be UTF-8.
func read(kind string, text json.RawMessage) (runtime.Object, error) {
	var object runtime.Object = &v1.Endpoints{}
	if kind == "EndpointSlice" {
		object = &discoveryv1.EndpointSlice{}
	}
	if text[0] == '"' {
		var raw []byte
		if err := json.Unmarshal(text, &raw); err != nil {
			return nil, err
		}
		if err := runtime.DecodeInto(legacyscheme.Codecs.UniversalDeserializer(), raw, object); err != nil {
			return nil, err
		}
	} else if err := json.Unmarshal(text, object); err != nil {
		return nil, err
	}
	legacyscheme.Scheme.Default(object)
	return object, nil
}

func internal(kind string, text json.RawMessage) (runtime.Object, error) {
	object, err := read(kind, text)
	if err != nil {
		return nil, err
	}
	if kind == "EndpointSlice" {
		out := &discovery.EndpointSlice{}
		return out, legacyscheme.Scheme.Convert(object, out, nil)
	}
	out := &core.Endpoints{}
	return out, legacyscheme.Scheme.Convert(object, out, nil)
}

func defaults(request []byte) (any, error) {
	var r struct {
		Kind   string          `json:"kind"`
		Object json.RawMessage `json:"object"`
	}
	if err := json.Unmarshal(request, &r); err != nil {
		return nil, err
	}
	return read(r.Kind, r.Object)
}

type fieldError struct {
	Type   string          `json:"type"`
	Field  string          `json:"field"`
	Value  json.RawMessage `json:"value"`
	Detail string          `json:"detail"`
	Text   string          `json:"text"`
}

func validate(request []byte) (any, error) {
	var r struct {
		Kind   string          `json:"kind"`
		New    json.RawMessage `json:"new"`
		Old    json.RawMessage `json:"old"`
		Strict bool            `json:"strict"`
	}
	if err := json.Unmarshal(request, &r); err != nil {
		return nil, err
	}
	if err := utilfeature.DefaultMutableFeatureGate.Set(fmt.Sprintf("StrictIPCIDRValidation=%v", r.Strict)); err != nil {
		return nil, err
	}
	object, err := internal(r.Kind, r.New)
	if err != nil {
		return nil, err
	}
	var old runtime.Object
	if len(r.Old) > 0 && string(r.Old) != "null" {
		if old, err = internal(r.Kind, r.Old); err != nil {
			return nil, err
		}
	}
	var list field.ErrorList
	switch o := object.(type) {
	case *core.Endpoints:
		if old == nil {
			list = corevalidation.ValidateEndpointsCreate(o)
		} else {
			list = corevalidation.ValidateEndpointsUpdate(o, old.(*core.Endpoints))
		}
	case *discovery.EndpointSlice:
		if old == nil {
			list = discoveryvalidation.ValidateEndpointSliceCreate(o)
		} else {
			list = discoveryvalidation.ValidateEndpointSliceUpdate(o, old.(*discovery.EndpointSlice))
		}
	}
	out := make([]fieldError, 0, len(list))
	for _, e := range list {
		value, err := json.Marshal(e.BadValue)
		if err != nil {
			return nil, err
		}
		out = append(out, fieldError{string(e.Type), e.Field, value, e.Detail, e.Error()})
	}
	return out, nil
}
