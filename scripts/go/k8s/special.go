package k8s

import (
	"reflect"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensionsv1beta1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1beta1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Types whose JSON is not the plain object of their fields: the values that they can take, each
// with a name for the case that shows it. Where a maker fills a schema, it goes through f.
type specialForm struct {
	name string
	make func(f *Filler) any
}

var specialForms = map[reflect.Type][]specialForm{}

func init() {
	// In init, because the makers of schemas lead back to this table.
	add := func(zero any, forms ...specialForm) { specialForms[reflect.TypeOf(zero)] = forms }
	add(metav1.Time{}, specialForm{"value", func(f *Filler) any { return metav1.Time{Time: f.instant()} }})
	add(metav1.MicroTime{}, specialForm{"value", func(f *Filler) any {
		return metav1.MicroTime{Time: f.instant().Add(time.Duration(f.random.IntN(1e6)) * time.Microsecond)}
	}})
	add(resource.Quantity{}, specialForm{"value", func(f *Filler) any { return resource.MustParse(f.oneOf(quantities, f.wildQuantity)) }})
	add(intstr.IntOrString{},
		specialForm{"int", func(f *Filler) any { return intstr.FromInt32(int32(f.random.IntN(70000) - 100)) }},
		specialForm{"string", func(f *Filler) any {
			return intstr.FromString(f.oneOf(portsAndShares, f.wildText))
		}})
	add(runtime.RawExtension{}, specialForm{"value", func(f *Filler) any {
		return runtime.RawExtension{Raw: []byte(f.oneOf(rawObjects, f.wildJSON))}
	}})
	add(metav1.FieldsV1{}, specialForm{"value", func(f *Filler) any {
		return metav1.FieldsV1{Raw: []byte(f.oneOf(rawFields, f.wildJSON))}
	}})

	add(apiextensionsv1.JSON{}, specialForm{"value", func(f *Filler) any {
		return apiextensionsv1.JSON{Raw: []byte(f.oneOf(rawValues, f.wildJSON))}
	}})
	add(apiextensionsv1.JSONSchemaPropsOrArray{},
		specialForm{"schema", func(f *Filler) any {
			return apiextensionsv1.JSONSchemaPropsOrArray{Schema: f.schema()}
		}},
		specialForm{"list", func(f *Filler) any {
			return apiextensionsv1.JSONSchemaPropsOrArray{JSONSchemas: []apiextensionsv1.JSONSchemaProps{*f.schema(), *f.schema()}}
		}})
	add(apiextensionsv1.JSONSchemaPropsOrBool{},
		specialForm{"schema", func(f *Filler) any {
			return apiextensionsv1.JSONSchemaPropsOrBool{Allows: true, Schema: f.schema()}
		}},
		specialForm{"true", func(*Filler) any { return apiextensionsv1.JSONSchemaPropsOrBool{Allows: true} }})
	add(apiextensionsv1.JSONSchemaPropsOrStringArray{},
		specialForm{"schema", func(f *Filler) any {
			return apiextensionsv1.JSONSchemaPropsOrStringArray{Schema: f.schema()}
		}},
		specialForm{"strings", func(*Filler) any {
			return apiextensionsv1.JSONSchemaPropsOrStringArray{Property: []string{"a", "b"}}
		}})

	add(apiextensionsv1beta1.JSON{}, specialForm{"value", func(f *Filler) any {
		return apiextensionsv1beta1.JSON{Raw: []byte(f.oneOf(rawValues, f.wildJSON))}
	}})
	add(apiextensionsv1beta1.JSONSchemaPropsOrArray{},
		specialForm{"schema", func(f *Filler) any {
			return apiextensionsv1beta1.JSONSchemaPropsOrArray{Schema: f.schemaBeta()}
		}},
		specialForm{"list", func(f *Filler) any {
			return apiextensionsv1beta1.JSONSchemaPropsOrArray{JSONSchemas: []apiextensionsv1beta1.JSONSchemaProps{*f.schemaBeta(), *f.schemaBeta()}}
		}})
	add(apiextensionsv1beta1.JSONSchemaPropsOrBool{},
		specialForm{"schema", func(f *Filler) any {
			return apiextensionsv1beta1.JSONSchemaPropsOrBool{Allows: true, Schema: f.schemaBeta()}
		}},
		specialForm{"true", func(*Filler) any { return apiextensionsv1beta1.JSONSchemaPropsOrBool{Allows: true} }})
	add(apiextensionsv1beta1.JSONSchemaPropsOrStringArray{},
		specialForm{"schema", func(f *Filler) any {
			return apiextensionsv1beta1.JSONSchemaPropsOrStringArray{Schema: f.schemaBeta()}
		}},
		specialForm{"strings", func(*Filler) any {
			return apiextensionsv1beta1.JSONSchemaPropsOrStringArray{Property: []string{"a", "b"}}
		}})
}

func special(t reflect.Type) bool {
	_, ok := specialForms[t]
	return ok
}

// special makes a value of a type with a form of its own, in one of its forms.
func (f *Filler) special(t reflect.Type) (reflect.Value, bool) {
	forms, ok := specialForms[t]
	if !ok {
		return reflect.Value{}, false
	}
	return reflect.ValueOf(forms[f.random.IntN(len(forms))].make(f)), true
}

// instant is a time of whole seconds; the last two are the ends of what JSON can say and read.
func (f *Filler) instant() time.Time {
	if f.style == wild {
		return time.Unix(f.random.Int64N(lastSecond-firstSecond)+firstSecond, 0).UTC()
	}
	switch f.random.IntN(16) {
	case 0:
		return time.Unix(0, 0).UTC()
	case 1:
		return time.Date(1969, 12, 31, 23, 59, 59, 0, time.UTC)
	case 2:
		return time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC)
	case 3:
		return time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	default:
		return time.Unix(1_600_000_000+f.random.Int64N(150_000_000), 0).UTC()
	}
}

// What an RFC 3339 date can say: the seconds from year 1 to the end of year 9999.
const (
	firstSecond = -62135596800
	lastSecond  = 253402300799
)

// oneOf takes a listed value, or for wild objects one that is made.
func (f *Filler) oneOf(choices []string, make func() string) string {
	if f.style == wild && f.random.IntN(4) > 0 {
		return make()
	}
	return f.pick(choices)
}

// schema fills a nested JSON schema, or leaves it empty where schemas are nested already.
func (f *Filler) schema() *apiextensionsv1.JSONSchemaProps {
	schema := &apiextensionsv1.JSONSchemaProps{}
	f.nested(reflect.ValueOf(schema).Elem())
	return schema
}

func (f *Filler) schemaBeta() *apiextensionsv1beta1.JSONSchemaProps {
	schema := &apiextensionsv1beta1.JSONSchemaProps{}
	f.nested(reflect.ValueOf(schema).Elem())
	return schema
}

func (f *Filler) nested(v reflect.Value) {
	if f.active[v.Type()] < 2 {
		f.structure(v)
	}
}
