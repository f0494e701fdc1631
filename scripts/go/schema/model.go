package main

// The model is what proto/ says: packages of messages and enums. Releases are read into it, merged in it and written from it.

// Scalar kinds carry protobuf's names; kindMessage and kindEnum name another declaration.
const (
	kindString  = "string"
	kindBytes   = "bytes"
	kindBool    = "bool"
	kindInt32   = "int32"
	kindInt64   = "int64"
	kindUint32  = "uint32"
	kindUint64  = "uint64"
	kindFloat   = "float"
	kindDouble  = "double"
	kindMessage = "message"
)

// label says how often a field may stand on the wire and when Go writes it.
type label int

const (
	labelValue    label = iota // always written, zero or not
	labelOptional              // written when set: a Go pointer, []byte or wrapper list
	labelRepeated
	labelMap
)

func (l label) String() string {
	return [...]string{"value", "optional", "repeated", "map"}[l]
}

// typeRef is the type of a field, of a list's elements or of a map's values.
type typeRef struct {
	Kind    string // one of the kinds above
	Message string // full protobuf name where Kind is kindMessage
}

func (t typeRef) String() string {
	if t.Kind == kindMessage {
		return t.Message
	}
	return t.Kind
}

// field is one tagged field of a Go struct.
type field struct {
	Name   string
	Number int
	Label  label
	Type   typeRef
	Key    typeRef // of a map
	JSON   string  // "" for an inline field and for one that JSON never shows

	Always   bool   // Go's JSON prints it even when it is empty
	Inline   bool   // flat in JSON
	WasValue bool   // a newer release dropped this value field
	Enum     string // full name of the enum that lists the constants of its string type
}

// wire renders number, type and presence, the facts that no release may change unnoticed.
func (f *field) wireType() string {
	if f.Label == labelMap {
		return "map<" + f.Key.String() + ", " + f.Type.String() + ">"
	}
	return f.Type.String()
}

// message is one Go struct or wrapper list.
type message struct {
	Name     string // without package
	Fields   []*field
	TypeMeta bool
	Form     string
	Kinds    []string // "apiVersion Kind"
}

func (m *message) byNumber(number int) *field {
	for _, f := range m.Fields {
		if f.Number == number {
			return f
		}
	}
	return nil
}

func (m *message) byName(name string) *field {
	for _, f := range m.Fields {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// constant is one exported Go constant of a string type.
type constant struct {
	GoName string
	Text   string
}

// enum is a Go string type with constants.
type enum struct {
	Name      string // without package
	Constants []constant
}

// protoPackage is one Go package that has a generated.proto.
type protoPackage struct {
	Name     string // protobuf package
	File     string // below proto/, without .proto
	Messages map[string]*message
	Enums    map[string]*enum
}

// schema is all packages by protobuf package name.
type schema map[string]*protoPackage

func (s schema) counts() (messages, fields, enums, constants int) {
	for _, p := range s {
		messages += len(p.Messages)
		for _, m := range p.Messages {
			fields += len(m.Fields)
		}
		enums += len(p.Enums)
		for _, e := range p.Enums {
			constants += len(e.Constants)
		}
	}
	return
}

// message finds a message by its full name, nil where there is none.
func (s schema) message(full string) *message {
	pkg, name := splitFull(full)
	if p := s[pkg]; p != nil {
		return p.Messages[name]
	}
	return nil
}

// splitFull parts a full protobuf name into package and last name.
func splitFull(full string) (pkg, name string) {
	for i := len(full) - 1; i >= 0; i-- {
		if full[i] == '.' {
			return full[:i], full[i+1:]
		}
	}
	return "", full
}
