package main

import (
	"fmt"
	"go/ast"
	"strings"
)

// Which message answers to which apiVersion and kind: read from each package's register.go.

// sharedKinds are registered for every group and version; they are listed once, under v1
// (apimachinery pkg/apis/meta/v1/register.go, AddToGroupVersion).
var sharedKinds = []string{
	"WatchEvent", "ListOptions", "GetOptions", "DeleteOptions", "CreateOptions", "UpdateOptions", "PatchOptions", "ExportOptions",
	"Status", "APIVersions", "APIGroupList", "APIGroup", "APIResourceList",
}

const metaV1Path = "k8s.io/apimachinery/pkg/apis/meta/v1"

// kinds adds every registered kind to its message.
func (r *reader) kinds(read schema) error {
	for _, path := range sortedKeys(r.protos) {
		p, err := r.source.load(path)
		if err != nil {
			return err
		}
		for _, file := range p.Files {
			if err := r.registered(read, file); err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
		}
	}
	for _, kind := range sharedKinds {
		if m := read.message(metaV1Package + "." + kind); m != nil {
			m.addKind("v1 " + kind)
		}
	}
	return nil
}

func (m *message) addKind(kind string) {
	for _, known := range m.Kinds {
		if known == kind {
			return
		}
	}
	m.Kinds = append(m.Kinds, kind)
}

// registered reads scheme.AddKnownTypes(SchemeGroupVersion, &T{}, …) out of the functions of a file.
func (r *reader) registered(read schema, file *goFile) error {
	var failure error
	for _, decl := range file.Syntax.Decls {
		function, ok := decl.(*ast.FuncDecl)
		if !ok || function.Name.Name == "init" || function.Recv != nil {
			continue
		}
		ast.Inspect(function, func(node ast.Node) bool {
			call, ok := node.(*ast.CallExpr)
			if !ok || failure != nil {
				return failure == nil
			}
			selector, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || selector.Sel.Name != "AddKnownTypes" || len(call.Args) < 2 || !isIdent(call.Args[0], "SchemeGroupVersion") {
				return true
			}
			failure = r.register(read, file, call.Args[1:])
			return true
		})
	}
	return failure
}

func (r *reader) register(read schema, file *goFile, objects []ast.Expr) error {
	apiVersion, err := r.groupVersion(file.Package)
	if err != nil {
		return err
	}
	for _, object := range objects {
		unary, ok := object.(*ast.UnaryExpr)
		if !ok {
			return fmt.Errorf("registers a %T", object)
		}
		literal, ok := unary.X.(*ast.CompositeLit)
		if !ok {
			return fmt.Errorf("registers a %T", unary.X)
		}
		decl, err := r.lookup(file, literal.Type)
		if err != nil {
			return err
		}
		if decl == nil {
			return fmt.Errorf("registers an unknown type")
		}
		kind := decl.Name
		for decl.Spec.Assign.IsValid() {
			if decl, err = r.lookup(decl.Scope, decl.Spec.Type); err != nil {
				return err
			}
		}
		if file.Package.Path != metaV1Path && decl.Scope.Package.Path == metaV1Path && kind == "Status" {
			continue // core registers it once more, among the shared ones
		}
		// Table has no protobuf message.
		var m *message
		if proto := r.protos[decl.Scope.Package.Path]; proto != nil {
			m = read.message(proto.Package + "." + decl.Name)
		}
		if m == nil {
			if kind == "Table" {
				continue
			}
			return fmt.Errorf("registers %s, which is no message", kind)
		}
		m.addKind(apiVersion + " " + kind)
	}
	return nil
}

// groupVersion reads `var SchemeGroupVersion = schema.GroupVersion{Group: …, Version: …}`.
func (r *reader) groupVersion(p *goPackage) (string, error) {
	for _, file := range p.Files {
		for _, decl := range file.Syntax.Decls {
			general, ok := decl.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, spec := range general.Specs {
				value, ok := spec.(*ast.ValueSpec)
				if !ok || len(value.Names) != 1 || value.Names[0].Name != "SchemeGroupVersion" || len(value.Values) != 1 {
					continue
				}
				literal, ok := value.Values[0].(*ast.CompositeLit)
				if !ok {
					return "", fmt.Errorf("SchemeGroupVersion is a %T", value.Values[0])
				}
				parts := map[string]string{}
				for _, element := range literal.Elts {
					pair, ok := element.(*ast.KeyValueExpr)
					if !ok {
						return "", fmt.Errorf("SchemeGroupVersion has a %T", element)
					}
					key, _ := pair.Key.(*ast.Ident)
					text, _, known := r.source.text(file, pair.Value)
					if key == nil || !known {
						return "", fmt.Errorf("SchemeGroupVersion cannot be read")
					}
					parts[key.Name] = text
				}
				if parts["Version"] == "" {
					return "", fmt.Errorf("SchemeGroupVersion has no version")
				}
				return strings.TrimPrefix(parts["Group"]+"/"+parts["Version"], "/"), nil
			}
		}
	}
	return "", fmt.Errorf("no SchemeGroupVersion")
}
