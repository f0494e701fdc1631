package k8s

import (
	"reflect"

	"k8s.io/apimachinery/pkg/runtime"
)

// Case is an object with one field alone set, everything else zero.
type Case struct {
	Kind   Kind
	Name   string // "field:spec.containers[0].name=value"
	Object runtime.Object
}

// message is a struct type and the first way found to it: from an object of a kind, through
// fields whose lists and maps have one item.
type message struct {
	kind  Kind
	steps []int // field indexes
	path  string
}

// FieldCases makes, for every struct type that the kinds reach, at the first kind and shortest path
// that reach it, one object for each field and each thing that can alone be said of it:
//
//	zero    a pointer to a zero value, one zero item, one map entry "" of zero, bytes of no length
//	value   a value, two items, three map entries
//	int, string, schema, …    the forms of a type that has several
func FieldCases(kinds []Kind) []Case {
	var cases []Case
	for _, m := range messages(kinds) {
		t := m.target()
		for i := range t.NumField() {
			field := t.Field(i)
			name := JSONName(field)
			if field.Name == "TypeMeta" || field.Tag.Get("protobuf") == "" || name == "" {
				continue // an inline struct's own fields have their turn when it is the target
			}
			for _, variant := range variants(field.Type) {
				object := m.kind.New()
				reach(reflect.ValueOf(object).Elem(), m.steps, func(v reflect.Value) {
					seed := t.String() + "." + field.Name + "=" + variant.name
					variant.set(newFiller(scalars, seed), v.Field(i), name)
				})
				cases = append(cases, Case{m.kind, "field:" + join(m.path, name) + "=" + variant.name, object})
			}
		}
	}
	return cases
}

func (m message) target() reflect.Type {
	t := m.kind.Type
	for _, step := range m.steps {
		t = structOf(t.Field(step).Type)
	}
	return t
}

// structOf is the struct type behind a field's pointer, list or map, or nil.
func structOf(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || special(t) {
		return nil
	}
	return t
}

// messages walks breadth first, so that each type is met on its shortest way.
func messages(kinds []Kind) []message {
	seen := map[reflect.Type]bool{}
	var found, queue []message
	for _, kind := range kinds {
		if !seen[kind.Type] {
			seen[kind.Type] = true
			queue = append(queue, message{kind: kind})
		}
	}
	for len(queue) > 0 {
		m := queue[0]
		queue = queue[1:]
		found = append(found, m)
		t := m.target()
		for i := range t.NumField() {
			field := t.Field(i)
			inner := structOf(field.Type)
			if field.Name == "TypeMeta" || field.Tag.Get("protobuf") == "" || inner == nil || seen[inner] {
				continue
			}
			seen[inner] = true
			path := join(m.path, JSONName(field))
			switch field.Type.Kind() {
			case reflect.Slice:
				path += "[0]"
			case reflect.Map:
				path += "." + onlyKey
			}
			queue = append(queue, message{m.kind, append(append([]int{}, m.steps...), i), path})
		}
	}
	return found
}

const onlyKey = "key"

func join(path, name string) string {
	if path == "" || name == "" {
		return path + name
	}
	return path + "." + name
}

// reach makes what is missing on the way and hands over the struct at its end.
func reach(v reflect.Value, steps []int, at func(reflect.Value)) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		reach(v.Elem(), steps, at)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		reach(v.Index(0), steps, at)
	case reflect.Map:
		item := reflect.New(v.Type().Elem()).Elem()
		reach(item, steps, at)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf(onlyKey).Convert(v.Type().Key()), item)
	default:
		if len(steps) == 0 {
			at(v)
			return
		}
		reach(v.Field(steps[0]), steps[1:], at)
	}
}

type variant struct {
	name string
	set  func(f *Filler, v reflect.Value, field string)
}

// variants lists what a field of that type can be set to. Empty lists and maps are no cases: on
// the wire they do not differ from absent ones. A scalar's zero is the zero object.
func variants(t reflect.Type) []variant {
	value := variant{"value", func(f *Filler, v reflect.Value, field string) { f.value(v, field) }}
	if forms, ok := specialForms[t]; ok {
		var list []variant
		for _, form := range forms {
			list = append(list, variant{form.name, func(f *Filler, v reflect.Value, _ string) {
				v.Set(reflect.ValueOf(form.make(f)))
			}})
		}
		return list
	}
	switch t.Kind() {
	case reflect.Pointer:
		list := []variant{{"zero", func(_ *Filler, v reflect.Value, _ string) { v.Set(reflect.New(t.Elem())) }}}
		for _, inner := range variants(t.Elem()) {
			list = append(list, variant{inner.name, func(f *Filler, v reflect.Value, field string) {
				v.Set(reflect.New(t.Elem()))
				inner.set(f, v.Elem(), field)
			}})
		}
		return list
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 || isMessage(t) {
			empty := variant{"zero", func(_ *Filler, v reflect.Value, _ string) { v.Set(reflect.MakeSlice(t, 0, 0)) }}
			return []variant{empty, value}
		}
		return []variant{{"zero", func(_ *Filler, v reflect.Value, _ string) {
			v.Set(reflect.MakeSlice(t, 1, 1))
		}}, {"value", func(f *Filler, v reflect.Value, field string) {
			v.Set(reflect.MakeSlice(t, 2, 2))
			f.item(v, 0, field)
			f.item(v, 1, field)
		}}}
	case reflect.Map:
		return []variant{{"zero", func(_ *Filler, v reflect.Value, _ string) {
			v.Set(reflect.MakeMap(t))
			v.SetMapIndex(reflect.Zero(t.Key()), reflect.Zero(t.Elem()))
		}}, {"value", func(f *Filler, v reflect.Value, field string) {
			v.Set(reflect.MakeMap(t))
			for _, key := range []string{"key10", "key9", "Key"} {
				item := reflect.New(t.Elem()).Elem()
				f.value(item, field)
				v.SetMapIndex(reflect.ValueOf(key).Convert(t.Key()), item)
			}
		}}}
	default:
		return []variant{value}
	}
}

// isMessage tells whether a list is a message of its own on the wire, as ExtraValue; its empty
// and its absent state differ there.
func isMessage(t reflect.Type) bool {
	_, ok := reflect.New(t).Interface().(runtime.ProtobufMarshaller)
	return ok
}
