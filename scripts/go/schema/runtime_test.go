package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

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
	"k8s.io/client-go/kubernetes/scheme"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	apiregistrationv1beta1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1beta1"
)

// Here the newest release is asked itself: what its scheme registers, what its marshallers write. proto/ must say the same.

const protoDir = "../../../proto"

func newScheme(t *testing.T) *runtime.Scheme {
	t.Helper()
	s := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		scheme.AddToScheme, admissionv1.AddToScheme, admissionv1beta1.AddToScheme, apidiscoveryv2.AddToScheme, apidiscoveryv2beta1.AddToScheme,
		imagepolicyv1alpha1.AddToScheme, apiextensionsv1.AddToScheme, apiextensionsv1beta1.AddToScheme, metav1.AddMetaToScheme,
		metav1beta1.AddMetaToScheme, apiregistrationv1.AddToScheme, apiregistrationv1beta1.AddToScheme,
	} {
		if err := add(s); err != nil {
			t.Fatal(err)
		}
	}
	metav1.AddToGroupVersion(s, metav1.Unversioned)
	return s
}

// messageName turns a Go type into the full name of its message.
func messageName(t reflect.Type) string {
	return strings.ReplaceAll(strings.ReplaceAll(t.PkgPath(), "/", "."), "-", "_") + "." + t.Name()
}

func readNewest(t *testing.T) schema {
	t.Helper()
	releases, err := locate(releaseVersions()[:1])
	if err != nil {
		t.Fatal(err)
	}
	s, _, err := readRelease(releases[0])
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func readProtos(t *testing.T) *checker {
	t.Helper()
	c := &checker{written: map[string]*protoFile{}}
	if err := c.readWritten(protoDir); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestKindsAreThoseOfTheScheme(t *testing.T) {
	want := map[string]string{}
	for gvk, goType := range newScheme(t).AllKnownTypes() {
		shared := slices.Contains(sharedKinds, gvk.Kind)
		if gvk.Version == runtime.APIVersionInternal || gvk.Kind == "Table" || shared && gvk.GroupVersion() != metav1.Unversioned {
			continue
		}
		want[gvk.GroupVersion().String()+" "+gvk.Kind] = messageName(goType)
	}
	got := map[string]string{}
	newest := readNewest(t)
	for _, p := range newest {
		for _, m := range p.Messages {
			for _, kind := range m.Kinds {
				got[kind] = p.Name + "." + m.Name
			}
		}
	}
	for _, kind := range sortedKeys(want) {
		if got[kind] != want[kind] {
			t.Errorf("%s: the scheme has %s, register.go was read as %q", kind, want[kind], got[kind])
		}
	}
	for _, kind := range sortedKeys(got) {
		if want[kind] == "" {
			t.Errorf("%s: not in the scheme", kind)
		}
	}
	written := readProtos(t).written
	for _, kind := range sortedKeys(want) {
		pkg, name := splitFull(want[kind])
		if m := written[pkg].message(name); m == nil || !slices.Contains(m.Options["(codec.kind)"], kind) {
			t.Errorf("%s: not in proto/", kind)
		}
	}
	t.Logf("%d kinds", len(want))
}

// reachable finds every struct and wrapper list with a message of its own that can be reached from the scheme's types.
func reachable(t *testing.T, written map[string]*protoFile) map[string]reflect.Type {
	found := map[string]reflect.Type{}
	visited := map[reflect.Type]bool{}
	var visit func(goType reflect.Type)
	visit = func(goType reflect.Type) {
		if visited[goType] {
			return
		}
		visited[goType] = true
		if goType.PkgPath() != "" {
			pkg, name := splitFull(messageName(goType))
			if written[pkg].message(name) != nil {
				found[messageName(goType)] = goType
			}
		}
		switch goType.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			visit(goType.Elem())
		case reflect.Struct:
			for i := range goType.NumField() {
				visit(goType.Field(i).Type)
			}
		}
	}
	for _, goType := range newScheme(t).AllKnownTypes() {
		visit(goType)
	}
	return found
}

type marshaller interface{ Marshal() ([]byte, error) }

// fieldNumbers lists the numbers of an encoded message's top level, in order.
func fieldNumbers(t *testing.T, encoded []byte) []int {
	t.Helper()
	varint := func() uint64 {
		value := uint64(0)
		for shift := 0; ; shift += 7 {
			b := encoded[0]
			encoded = encoded[1:]
			value |= uint64(b&0x7f) << shift
			if b < 0x80 {
				return value
			}
		}
	}
	var numbers []int
	for len(encoded) > 0 {
		tag := varint()
		numbers = append(numbers, int(tag>>3))
		switch tag & 7 {
		case 0:
			varint()
		case 1:
			encoded = encoded[8:]
		case 2:
			encoded = encoded[varint():]
		default:
			t.Fatalf("wire type %d", tag&7)
		}
	}
	return numbers
}

// TestZeroObjectsWriteTheValueFields: upstream's generated code writes exactly the fields that proto/ gives no label.
func TestZeroObjectsWriteTheValueFields(t *testing.T) {
	c := readProtos(t)
	types := reachable(t, c.written)
	compared := 0
	for _, full := range sortedKeys(types) {
		pkg, name := splitFull(full)
		m := c.written[pkg].message(name)
		object, ok := reflect.New(types[full]).Interface().(marshaller)
		if !ok {
			t.Errorf("%s has no Marshal method", full)
			continue
		}
		if form := strings.Join(m.Options["(codec.form)"], ""); form == "time" || form == "micro_time" {
			continue // a zero time is an empty message
		}
		encoded, err := object.Marshal()
		if err != nil {
			t.Errorf("%s: %v", full, err)
			continue
		}
		var want []int
		for _, f := range m.Fields {
			if f.Label == "" && f.MapKey == "" {
				want = append(want, f.Number)
			}
		}
		slices.Sort(want)
		if got := fieldNumbers(t, encoded); !slices.Equal(got, want) {
			t.Errorf("%s: a zero object writes %v, proto/ says %v", full, got, want)
		}
		compared++
	}
	t.Logf("%d messages", compared)
	if compared < 1250 {
		t.Errorf("only %d messages were compared", compared)
	}
}

// jsonKeys lists the keys of an object in the order of the text.
func jsonKeys(t *testing.T, text []byte) []string {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(text))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		t.Fatalf("no object: %s", text)
	}
	keys := []string{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, token.(string))
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			t.Fatal(err)
		}
	}
	return keys
}

// expectedKeys is what proto/ says of a message's JSON: of an empty object the keys that always appear, else all of the newest release.
func expectedKeys(c *checker, newest schema, full string, filled bool) []string {
	pkg, name := splitFull(full)
	m := c.written[pkg].message(name)
	keys := []string{}
	if filled && slices.Contains(m.Options["(codec.type_meta)"], "true") {
		keys = append(keys, "kind", "apiVersion")
	}
	for _, f := range m.Fields {
		if newest.message(full).byNumber(f.Number) == nil {
			continue // dropped
		}
		if f.has("inline") {
			keys = append(keys, expectedKeys(c, newest, c.written[pkg].typeRef(f.Type).Message, filled)...)
			continue
		}
		if filled || f.has("always") {
			keys = append(keys, f.model(c.written[pkg], false, &field{}).JSON)
		}
	}
	return keys
}

// fill sets every field of a struct, inline structs included, to something that is not empty.
func fill(value reflect.Value) {
	for i := range value.NumField() {
		f, info := value.Field(i), value.Type().Field(i)
		switch f.Kind() {
		case reflect.String:
			f.SetString("x")
		case reflect.Bool:
			f.SetBool(true)
		case reflect.Int, reflect.Int32, reflect.Int64:
			f.SetInt(1)
		case reflect.Float64:
			f.SetFloat(1)
		case reflect.Pointer:
			f.Set(reflect.New(f.Type().Elem()))
		case reflect.Slice:
			f.Set(reflect.MakeSlice(f.Type(), 1, 1))
		case reflect.Map:
			f.Set(reflect.MakeMap(f.Type()))
			f.SetMapIndex(reflect.Zero(f.Type().Key()), reflect.Zero(f.Type().Elem()))
		case reflect.Struct:
			if t, ok := f.Addr().Interface().(*metav1.Time); ok {
				*t = metav1.Unix(1, 0)
			} else if info.Anonymous {
				fill(f)
			}
		default:
			panic(fmt.Sprintf("%s: %s", info.Name, f.Kind()))
		}
	}
}

// TestJSONKeys: encoding/json prints the keys that proto/ says, in its order, for empty objects and for full ones.
func TestJSONKeys(t *testing.T) {
	c := readProtos(t)
	newest := readNewest(t)
	types := reachable(t, c.written)
	compared := 0
	for _, full := range sortedKeys(types) {
		pkg, name := splitFull(full)
		if c.written[pkg].message(name).Options["(codec.form)"] != nil {
			continue
		}
		for _, filled := range []bool{false, true} {
			object := reflect.New(types[full])
			if filled {
				fill(object.Elem())
			}
			text, err := json.Marshal(object.Interface())
			if err != nil {
				t.Errorf("%s: %v", full, err)
				continue
			}
			if got, want := jsonKeys(t, text), expectedKeys(c, newest, full, filled); !slices.Equal(got, want) {
				t.Errorf("%s (filled: %v): Go prints %q, proto/ says %q", full, filled, got, want)
			}
			compared++
		}
	}
	t.Logf("%d objects", compared)
	if compared < 2500 {
		t.Errorf("only %d objects were compared", compared)
	}
}
