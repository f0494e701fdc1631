package main

import (
	"fmt"
	"go/ast"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// From Go declarations to the model: the reading of struct tags and types.

// reader turns one release's Go types into a schema.
type reader struct {
	source *source
	protos map[string]*protoFile // by import path
}

// goType is a resolved Go type, as far as protobuf can say it.
type goType struct {
	Label   label
	Type    typeRef
	Key     typeRef
	Enum    string // of a string type that is declared in a package with a generated.proto
	Wrapper bool   // a named slice that is a message of its own
	Struct  bool
}

// readRelease reads all packages of a release that have a generated.proto.
func readRelease(r *release) (schema, map[string]*protoFile, error) {
	source := newSource(r)
	protos, err := source.protoPackages()
	if err != nil {
		return nil, nil, err
	}
	reader := &reader{source: source, protos: protos}
	read := schema{}
	upstream := map[string]*protoFile{}
	for _, path := range sortedKeys(protos) {
		p, err := reader.protoPackage(path)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %s: %w", r.Version, path, err)
		}
		read[p.Name] = p
		upstream[p.Name] = protos[path]
	}
	if err := reader.kinds(read); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", r.Version, err)
	}
	return read, upstream, nil
}

// fileOf gives the place of a package below proto/: group and version, or the last folder of the few without a version.
func fileOf(path string) string {
	parts := strings.Split(path, "/")
	last := parts[len(parts)-1]
	switch path {
	case "k8s.io/apimachinery/pkg/runtime", "k8s.io/apimachinery/pkg/util/intstr":
		return last
	case "k8s.io/apimachinery/pkg/api/resource":
		return "quantity"
	}
	return parts[len(parts)-2] + "/" + last
}

func (r *reader) protoPackage(path string) (*protoPackage, error) {
	file := r.protos[path]
	p := &protoPackage{Name: file.Package, File: fileOf(path), Messages: map[string]*message{}, Enums: map[string]*enum{}}
	source, err := r.source.load(path)
	if err != nil {
		return nil, err
	}
	for _, listed := range file.Messages {
		m, err := r.message(source, listed.Name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", listed.Name, err)
		}
		p.Messages[m.Name] = m
	}
	constants, err := r.source.typedConstants(source)
	if err != nil {
		return nil, err
	}
	for _, c := range constants {
		if p.Enums[c.Type] == nil {
			p.Enums[c.Type] = &enum{Name: c.Type}
		}
		p.Enums[c.Type].Constants = append(p.Enums[c.Type].Constants, constant{GoName: c.Name, Text: c.Text})
	}
	return p, nil
}

func isIdent(expr ast.Expr, name string) bool {
	ident, ok := expr.(*ast.Ident)
	return ok && ident.Name == name
}

// message reads the Go type that stands behind one of upstream's messages.
func (r *reader) message(p *goPackage, name string) (*message, error) {
	decl := p.Types[name]
	if decl == nil {
		return nil, fmt.Errorf("no Go type of that name")
	}
	m := &message{Name: name}
	special, isForm := forms[r.protos[p.Path].Package+"."+name]
	if isForm {
		m.Form = special.Name
	} else if err := plainEncoding(p, name); err != nil {
		return nil, err
	}
	if isForm && special.Fields != nil {
		m.Fields = special.Fields
		return m, nil
	}
	decl, err := r.underlying(decl)
	if err != nil {
		return nil, err
	}
	switch spec := decl.Spec.Type.(type) {
	case *ast.StructType:
		err := r.structFields(m, decl, spec)
		return m, err
	case *ast.ArrayType:
		element, err := r.resolve(decl.Scope, spec.Elt)
		if err != nil {
			return nil, err
		}
		if element.Label != labelValue {
			return nil, fmt.Errorf("a wrapper list of %s", element.Label)
		}
		m.Form = formList
		m.Fields = []*field{{Name: "items", Number: 1, Label: labelRepeated, Type: element.Type, Enum: element.Enum}}
		return m, nil
	}
	return nil, fmt.Errorf("a message of Go type %T", decl.Spec.Type)
}

// plainEncoding refuses types whose methods change their JSON or protobuf and that forms.go does not list.
func plainEncoding(p *goPackage, name string) error {
	for _, method := range p.Methods[name] {
		if encodingMethods[method] {
			return fmt.Errorf("%s.%s has a method %s and is not listed in forms.go", p.Path, name, method)
		}
	}
	return nil
}

// underlying follows `type A B` and `type A = B` to the declaration of a literal type.
func (r *reader) underlying(decl *typeDecl) (*typeDecl, error) {
	for {
		next, err := r.lookup(decl.Scope, decl.Spec.Type)
		if err != nil || next == nil {
			return decl, err
		}
		decl = next
	}
}

// lookup finds the declaration that a type expression names, nil where it names none (a literal or builtin type).
func (r *reader) lookup(scope *goFile, expr ast.Expr) (*typeDecl, error) {
	switch expr := expr.(type) {
	case *ast.Ident:
		return scope.Package.Types[expr.Name], nil
	case *ast.SelectorExpr:
		qualifier, ok := expr.X.(*ast.Ident)
		if !ok {
			return nil, fmt.Errorf("a type of form %T", expr.X)
		}
		path := scope.Imports[qualifier.Name]
		if !strings.Contains(path, ".") { // the standard library
			return nil, nil
		}
		p, err := r.source.load(path)
		if err != nil {
			return nil, err
		}
		decl := p.Types[expr.Sel.Name]
		if decl == nil {
			return nil, fmt.Errorf("no type %s.%s", path, expr.Sel.Name)
		}
		return decl, nil
	}
	return nil, nil
}

// builtins: Go's types and what go-to-protobuf makes of them (code-generator cmd/go-to-protobuf/protobuf/generator.go).
var builtins = map[string]string{
	"string": kindString, "bool": kindBool, "int": kindInt64, "int32": kindInt32, "int64": kindInt64,
	"uint": kindUint64, "uint32": kindUint32, "uint64": kindUint64, "float32": kindFloat, "float64": kindDouble,
}

// resolve gives the protobuf shape of a Go type expression.
func (r *reader) resolve(scope *goFile, expr ast.Expr) (*goType, error) {
	switch expr := expr.(type) {
	case *ast.StarExpr:
		t, err := r.resolve(scope, expr.X)
		if err != nil {
			return nil, err
		}
		if t.Label != labelValue {
			return nil, fmt.Errorf("a pointer to %s", t.Label)
		}
		t.Label = labelOptional
		return t, nil
	case *ast.ArrayType:
		if expr.Len != nil {
			return nil, fmt.Errorf("an array")
		}
		if isIdent(expr.Elt, "byte") || isIdent(expr.Elt, "uint8") {
			return &goType{Label: labelOptional, Type: typeRef{Kind: kindBytes}}, nil
		}
		t, err := r.resolve(scope, expr.Elt)
		if err != nil {
			return nil, err
		}
		if t.Label != labelValue && t.Type.Kind != kindBytes {
			return nil, fmt.Errorf("a list of %s", t.Label)
		}
		t.Label = labelRepeated
		return t, nil
	case *ast.MapType:
		key, err := r.resolve(scope, expr.Key)
		if err != nil {
			return nil, err
		}
		value, err := r.resolve(scope, expr.Value)
		if err != nil {
			return nil, err
		}
		if key.Label != labelValue || key.Type.Kind != kindString {
			return nil, fmt.Errorf("a map with keys of %s", key.Type)
		}
		if value.Label != labelValue && value.Type.Kind != kindBytes && !value.Wrapper {
			return nil, fmt.Errorf("a map of %s", value.Label)
		}
		return &goType{Label: labelMap, Type: value.Type, Key: key.Type, Enum: value.Enum}, nil
	case *ast.Ident:
		if kind := builtins[expr.Name]; kind != "" && scope.Package.Types[expr.Name] == nil {
			return &goType{Type: typeRef{Kind: kind}}, nil
		}
	case *ast.SelectorExpr:
		if qualifier, ok := expr.X.(*ast.Ident); ok && scope.Imports[qualifier.Name] == "time" && expr.Sel.Name == "Duration" {
			return &goType{Type: typeRef{Kind: kindInt64}}, nil
		}
	}
	decl, err := r.lookup(scope, expr)
	if err != nil {
		return nil, err
	}
	if decl == nil {
		return nil, fmt.Errorf("unknown Go type %T %v", expr, expr)
	}
	return r.resolveNamed(decl)
}

func (r *reader) resolveNamed(decl *typeDecl) (*goType, error) {
	p := decl.Scope.Package
	if decl.Spec.Assign.IsValid() { // an alias is the type itself
		return r.resolve(decl.Scope, decl.Spec.Type)
	}
	if file := r.protos[p.Path]; file != nil {
		full := file.Package + "." + decl.Name
		for _, listed := range file.Messages {
			if listed.Name != decl.Name {
				continue
			}
			bottom, err := r.underlying(decl)
			if err != nil {
				return nil, err
			}
			t := &goType{Type: typeRef{Kind: kindMessage, Message: full}}
			_, t.Struct = bottom.Spec.Type.(*ast.StructType)
			if !t.Struct {
				t.Wrapper, t.Label = true, labelOptional // nil is not written
			}
			return t, nil
		}
	}
	if err := plainEncoding(p, decl.Name); err != nil {
		return nil, err
	}
	t, err := r.resolve(decl.Scope, decl.Spec.Type)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", decl.Name, err)
	}
	if file := r.protos[p.Path]; file != nil && t.Label == labelValue && t.Type.Kind == kindString && t.Enum == "" {
		constants, err := r.source.typedConstants(p)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(constants, func(c stringConstant) bool { return c.Type == decl.Name }) {
			t.Enum = file.Package + "." + decl.Name
		}
	}
	return t, nil
}

func (r *reader) structFields(m *message, decl *typeDecl, spec *ast.StructType) error {
	for _, f := range spec.Fields.List {
		tag := reflect.StructTag("")
		if f.Tag != nil {
			text, err := strconv.Unquote(f.Tag.Value)
			if err != nil {
				return err
			}
			tag = reflect.StructTag(text)
		}
		names := f.Names
		if len(names) == 0 {
			names = []*ast.Ident{{Name: embeddedName(f.Type)}}
		}
		for _, name := range names {
			if err := r.structField(m, decl.Scope, name.Name, f.Type, tag, len(f.Names) == 0); err != nil {
				return fmt.Errorf("field %s: %w", name.Name, err)
			}
		}
	}
	return nil
}

func embeddedName(expr ast.Expr) string {
	switch expr := expr.(type) {
	case *ast.StarExpr:
		return embeddedName(expr.X)
	case *ast.SelectorExpr:
		return expr.Sel.Name
	case *ast.Ident:
		return expr.Name
	}
	return ""
}

func (r *reader) structField(m *message, scope *goFile, name string, expr ast.Expr, tag reflect.StructTag, embedded bool) error {
	text, tagged := tag.Lookup("protobuf")
	if embedded && name == "TypeMeta" && !tagged {
		m.TypeMeta = true
		return nil
	}
	if !tagged || text == "-" {
		if m.Form == "" && tag.Get("json") != "-" {
			return fmt.Errorf("no protobuf tag")
		}
		return nil // RawExtension.Object, TableOptions.NoHeaders: they live in memory only
	}
	f := &field{}
	if err := f.readProtobufTag(text, name); err != nil {
		return err
	}
	t, err := r.resolve(scope, expr)
	if err != nil {
		return err
	}
	f.Label, f.Type, f.Key, f.Enum = t.Label, t.Type, t.Key, t.Enum
	m.Fields = append(m.Fields, f)
	if m.Form != "" {
		return nil // such a type's JSON is not made of its fields
	}
	if err := f.readJSONTag(tag.Get("json"), name, embedded, t.Struct && t.Label == labelValue); err != nil {
		return err
	}
	if f.Inline && (f.Label != labelValue || f.Type.Kind != kindMessage) {
		return fmt.Errorf("an inline field of %s", f.Label)
	}
	if f.JSON == "" && !f.Inline {
		return fmt.Errorf("no JSON name")
	}
	return nil
}

// readProtobufTag takes number and name; the rest of these tags is wrong too often (DESIGN.md).
func (f *field) readProtobufTag(text, goName string) error {
	parts := strings.Split(text, ",")
	if len(parts) < 2 {
		return fmt.Errorf("protobuf tag %q", text)
	}
	number, err := strconv.Atoi(parts[1])
	if err != nil || number < 1 {
		return fmt.Errorf("protobuf tag %q has no field number", text)
	}
	f.Number = number
	for _, part := range parts[2:] {
		if name, ok := strings.CutPrefix(part, "name="); ok {
			f.Name = name
		}
	}
	if f.Name == "" { // go-to-protobuf falls back to the Go name, its first letter lower
		first, size := utf8.DecodeRuneInString(goName)
		f.Name = string(unicode.ToLower(first)) + goName[size:]
	}
	return nil
}

// readJSONTag follows encoding/json: "-" hides, an embedded struct without a name is flat, omitempty never drops a struct.
func (f *field) readJSONTag(text, goName string, embedded, structValue bool) error {
	parts := strings.Split(text, ",")
	name := parts[0]
	omitempty, omitzero := false, false
	for _, option := range parts[1:] {
		switch option {
		case "omitempty":
			omitempty = true
		case "omitzero":
			omitzero = true
		case "inline", "":
		default:
			return fmt.Errorf("JSON tag %q has an unknown option", text)
		}
	}
	switch {
	case text == "-":
		return nil
	case name == "" && embedded && f.Type.Kind == kindMessage:
		f.Inline = true
		return nil
	case name == "":
		f.JSON = goName
	default:
		f.JSON = name
	}
	f.Always = !omitzero && (!omitempty || structValue)
	return nil
}
