package main

// Types whose JSON is no plain object, or whose protobuf is written by hand. The generator stops at a type with such methods that is not listed.

const (
	metaV1Package   = "k8s.io.apimachinery.pkg.apis.meta.v1"
	runtimePackage  = "k8s.io.apimachinery.pkg.runtime"
	intstrPackage   = "k8s.io.apimachinery.pkg.util.intstr"
	resourcePackage = "k8s.io.apimachinery.pkg.api.resource"
	crdV1Package    = "k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.v1"
	crdBetaPackage  = "k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.v1beta1"
)

// form is how a type of its own kind looks.
type form struct {
	Name   string
	Fields []*field // its wire fields where the Go struct does not carry them; nil: read from the struct
}

// formList is for wrapper types such as Verbs: a message {repeated items = 1} on the wire, a plain list in JSON.
const formList = "list"

// timestampFields: Time and MicroTime are written as a Timestamp (apimachinery pkg/apis/meta/v1/time_proto.go, micro_time_proto.go).
func timestampFields() []*field {
	return []*field{
		{Name: "seconds", Number: 1, Type: typeRef{Kind: kindInt64}},
		{Name: "nanos", Number: 2, Type: typeRef{Kind: kindInt32}},
	}
}

// quantityFields: a Quantity is its text, always written (apimachinery pkg/api/resource/quantity_proto.go).
func quantityFields() []*field {
	return []*field{{Name: "string", Number: 1, Type: typeRef{Kind: kindString}}}
}

// rawFields: FieldsV1 is raw JSON behind accessors since v0.36, a struct field before.
func rawFields() []*field {
	return []*field{{Name: "Raw", Number: 1, Label: labelOptional, Type: typeRef{Kind: kindBytes}}}
}

var forms = map[string]form{
	metaV1Package + ".Time":                          {"time", timestampFields()},
	metaV1Package + ".MicroTime":                     {"micro_time", timestampFields()},
	metaV1Package + ".Duration":                      {"duration", nil},
	metaV1Package + ".FieldsV1":                      {"fields_v1", rawFields()},
	metaV1Package + ".GroupVersion":                  {"group_version", nil},
	runtimePackage + ".RawExtension":                 {"raw_extension", nil},
	runtimePackage + ".Unknown":                      {"unknown", nil},
	intstrPackage + ".IntOrString":                   {"int_or_string", nil},
	resourcePackage + ".Quantity":                    {"quantity", quantityFields()},
	resourcePackage + ".QuantityValue":               {"quantity", quantityFields()},
	crdV1Package + ".JSON":                           {"json", nil},
	crdV1Package + ".JSONSchemaPropsOrArray":         {"schema_or_array", nil},
	crdV1Package + ".JSONSchemaPropsOrBool":          {"schema_or_bool", nil},
	crdV1Package + ".JSONSchemaPropsOrStringArray":   {"schema_or_string_array", nil},
	crdBetaPackage + ".JSON":                         {"json", nil},
	crdBetaPackage + ".JSONSchemaPropsOrArray":       {"schema_or_array", nil},
	crdBetaPackage + ".JSONSchemaPropsOrBool":        {"schema_or_bool", nil},
	crdBetaPackage + ".JSONSchemaPropsOrStringArray": {"schema_or_string_array", nil},
}

// Methods that take a type's encoding out of the hands of the struct tags.
var encodingMethods = map[string]bool{
	"MarshalJSON": true, "UnmarshalJSON": true, "MarshalText": true, "UnmarshalText": true,
	"Marshal": true, "MarshalTo": true, "Unmarshal": true, "ProtoMessage": true, "IsZero": true,
}
