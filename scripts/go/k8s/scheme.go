// Package k8s holds what the Go programs here share: one scheme with every kind that our schema
// registers, the real serializers over it, and fillers that make objects to serialize.
package k8s

import (
	"fmt"
	"reflect"
	"sort"

	admissionv1 "k8s.io/api/admission/v1"
	admissionv1beta1 "k8s.io/api/admission/v1beta1"
	apidiscoveryv2 "k8s.io/api/apidiscovery/v2"
	apidiscoveryv2beta1 "k8s.io/api/apidiscovery/v2beta1"
	imagepolicyv1alpha1 "k8s.io/api/imagepolicy/v1alpha1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensionsv1beta1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1beta1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metav1beta1 "k8s.io/apimachinery/pkg/apis/meta/v1beta1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientscheme "k8s.io/client-go/kubernetes/scheme"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	apiregistrationv1beta1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1beta1"
)

// Scheme knows the kinds of client-go and those that client-go leaves out: apiextensions,
// apiregistration, admission, imagepolicy, apidiscovery, meta.k8s.io.
var Scheme = newScheme()

func newScheme() *runtime.Scheme {
	scheme := runtime.NewScheme()
	metav1.AddToGroupVersion(scheme, schema.GroupVersion{Version: "v1"})
	metav1.AddToGroupVersion(scheme, metav1.SchemeGroupVersion)
	for _, add := range []func(*runtime.Scheme) error{
		clientscheme.AddToScheme,
		apiextensionsv1.AddToScheme,
		apiextensionsv1beta1.AddToScheme,
		apiregistrationv1.AddToScheme,
		apiregistrationv1beta1.AddToScheme,
		admissionv1.AddToScheme,
		admissionv1beta1.AddToScheme,
		imagepolicyv1alpha1.AddToScheme,
		apidiscoveryv2.AddToScheme,
		apidiscoveryv2beta1.AddToScheme,
		metav1.AddMetaToScheme,
		metav1beta1.AddMetaToScheme,
	} {
		utilruntime.Must(add(scheme))
	}
	return scheme
}

// Kind is one registered kind with its Go type.
type Kind struct {
	schema.GroupVersionKind
	Type reflect.Type // the struct, not the pointer
}

// APIVersion is the text of the field of that name, "v1" or "apps/v1".
func (k Kind) APIVersion() string { return k.GroupVersion().String() }

// New makes an empty object that carries its apiVersion and kind.
func (k Kind) New() runtime.Object {
	object := reflect.New(k.Type).Interface().(runtime.Object)
	object.GetObjectKind().SetGroupVersionKind(k.GroupVersionKind)
	return object
}

// HasProtobuf tells whether the kind has a protobuf message; metav1.Table has none.
func (k Kind) HasProtobuf() bool {
	_, ok := reflect.New(k.Type).Interface().(runtime.ProtobufMarshaller)
	return ok
}

// Shared tells whether the kind is one of those that AddToGroupVersion puts into every group
// version, as ListOptions and WatchEvent, and stands under another one than v1. Our schema lists
// these once, under v1.
func (k Kind) Shared() bool {
	return k.Type == core[k.Kind] && k.GroupVersion() != metav1.Unversioned
}

// core has the Go types of the group version v1, where the shared ones are listed.
var core = Scheme.KnownTypes(metav1.Unversioned)

// KindOf finds a registered kind.
func KindOf(apiVersion, kind string) (Kind, error) {
	gvk := schema.FromAPIVersionAndKind(apiVersion, kind)
	t, ok := Scheme.AllKnownTypes()[gvk]
	if !ok {
		return Kind{}, fmt.Errorf("no kind %s in %s", kind, apiVersion)
	}
	return Kind{gvk, t}, nil
}

// Kinds lists what Scheme registers, without the internal versions, by group, version and kind.
func Kinds() []Kind {
	var kinds []Kind
	for gvk, t := range Scheme.AllKnownTypes() {
		if gvk.Version != runtime.APIVersionInternal {
			kinds = append(kinds, Kind{gvk, t})
		}
	}
	sort.Slice(kinds, func(i, j int) bool {
		a, b := kinds[i], kinds[j]
		if a.Group != b.Group {
			return a.Group < b.Group
		}
		if a.Version != b.Version {
			return a.Version < b.Version
		}
		return a.Kind < b.Kind
	})
	return kinds
}
