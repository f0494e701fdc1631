package k8s

import (
	"reflect"
	"testing"
)

// Every field of every message that the kinds reach is set in some full object and in some field case.
func TestEveryFieldIsFilled(t *testing.T) {
	var kinds []Kind
	for _, kind := range Kinds() {
		if kind.HasProtobuf() && !kind.Shared() {
			kinds = append(kinds, kind)
		}
	}
	inFull, inCases := fields{}, fields{}
	for _, kind := range kinds {
		inFull.note(reflect.ValueOf(Full(kind, kind.String())).Elem())
	}
	for _, c := range FieldCases(kinds) {
		inCases.note(reflect.ValueOf(c.Object).Elem())
	}
	count := 0
	for _, m := range messages(kinds) {
		target := m.target()
		for i := range target.NumField() {
			field := target.Field(i)
			if field.Name == "TypeMeta" || field.Tag.Get("protobuf") == "" {
				continue
			}
			count++
			if field.Type.Kind() == reflect.Struct && field.Type.NumField() == 0 {
				continue // nothing to set, as StorageVersionSpec
			}
			name := target.PkgPath() + "." + target.Name() + "." + field.Name
			if !inFull[name] {
				t.Errorf("%s is set in no full object", name)
			}
			if !inCases[name] && JSONName(field) != "" {
				t.Errorf("%s is set in no field case", name)
			}
		}
	}
	if count < 4000 {
		t.Errorf("only %d fields seen", count)
	}
	t.Logf("%d fields of %d messages", count, len(messages(kinds)))
}

// fields names the struct fields, as "k8s.io/api/core/v1.Pod.Spec", that were met with something in them.
type fields map[string]bool

func (f fields) note(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			f.note(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			f.note(v.Index(i))
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			f.note(v.MapIndex(key))
		}
	case reflect.Struct:
		t := v.Type()
		if special(t) {
			for i := range t.NumField() {
				if t.Field(i).IsExported() && structOf(t.Field(i).Type) != nil {
					f.note(v.Field(i))
				}
			}
			return
		}
		for i := range t.NumField() {
			if !v.Field(i).IsZero() {
				f[t.PkgPath()+"."+t.Name()+"."+t.Field(i).Name] = true
			}
			f.note(v.Field(i))
		}
	}
}

// The same seed makes the same object, whatever was made before.
func TestFillersAreDeterministic(t *testing.T) {
	for _, kind := range Kinds() {
		if kind.Kind != "Pod" && kind.Kind != "CustomResourceDefinition" {
			continue
		}
		first := Realistic(kind, "seed")
		Full(kind, "other")
		if !reflect.DeepEqual(first, Realistic(kind, "seed")) {
			t.Errorf("%s differs the second time", kind)
		}
		if reflect.DeepEqual(first, Realistic(kind, "another seed")) {
			t.Errorf("%s does not depend on the seed", kind)
		}
	}
}
