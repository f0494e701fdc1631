package main

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
)

// Go source as declarations by name; nothing is compiled, so that 21 releases are read in seconds.

// typeDecl is one type declaration and the file that gives its import names their meaning.
type typeDecl struct {
	Name  string
	Spec  *ast.TypeSpec
	Scope *goFile
}

// goFile is one parsed file.
type goFile struct {
	Package *goPackage
	Syntax  *ast.File
	Imports map[string]string // local name to import path
}

// stringConstant is an exported constant of a named type of its own package.
type stringConstant struct {
	Name, Type, Text string
}

// goPackage is one package directory.
type goPackage struct {
	Path          string
	Dir           string
	Files         []*goFile
	Types         map[string]*typeDecl
	Methods       map[string][]string // type name to method names
	Constants     map[string]*constantDecl
	ConstantOrder []string // their names, in the order of the source
}

// constantDecl is one declared constant.
type constantDecl struct {
	Type  ast.Expr // nil where none is written
	Value ast.Expr
	Scope *goFile
}

// source reads packages of one release on demand.
type source struct {
	Release  *release
	packages map[string]*goPackage
}

func newSource(r *release) *source {
	return &source{Release: r, packages: map[string]*goPackage{}}
}

// directory finds an import path among the release's modules.
func (s *source) directory(path string) (string, error) {
	for _, module := range modules {
		if path == module || strings.HasPrefix(path, module+"/") {
			return filepath.Join(s.Release.Dirs[module], filepath.FromSlash(strings.TrimPrefix(path, module))), nil
		}
	}
	return "", fmt.Errorf("package %s is in none of the modules read", path)
}

// generatedSource names files that repeat the types without adding any.
func generatedSource(name string) bool {
	return strings.HasSuffix(name, "_test.go") || strings.HasPrefix(name, "zz_generated.") || name == "generated.pb.go" ||
		strings.HasSuffix(name, "_swagger_doc_generated.go")
}

func (s *source) load(path string) (*goPackage, error) {
	if p := s.packages[path]; p != nil {
		return p, nil
	}
	dir, err := s.directory(path)
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	p := &goPackage{Path: path, Dir: dir, Types: map[string]*typeDecl{}, Methods: map[string][]string{}, Constants: map[string]*constantDecl{}}
	s.packages[path] = p
	files := token.NewFileSet()
	for _, entry := range entries {
		name := entry.Name()
		if entry.IsDir() || !strings.HasSuffix(name, ".go") || generatedSource(name) {
			continue
		}
		if match, err := build.Default.MatchFile(dir, name); err != nil || !match {
			if err != nil {
				return nil, err
			}
			continue
		}
		syntax, err := parser.ParseFile(files, filepath.Join(dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		if err := p.add(syntax); err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Join(path, name), err)
		}
	}
	return p, nil
}

func (p *goPackage) add(syntax *ast.File) error {
	file := &goFile{Package: p, Syntax: syntax, Imports: map[string]string{}}
	p.Files = append(p.Files, file)
	for _, spec := range syntax.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return err
		}
		name := path[strings.LastIndexByte(path, '/')+1:]
		if spec.Name != nil {
			name = spec.Name.Name
		}
		file.Imports[name] = path
	}
	for _, decl := range syntax.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if name := receiver(decl); name != "" {
				p.Methods[name] = append(p.Methods[name], decl.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					if p.Types[spec.Name.Name] != nil {
						return fmt.Errorf("type %s is declared twice", spec.Name.Name)
					}
					p.Types[spec.Name.Name] = &typeDecl{Name: spec.Name.Name, Spec: spec, Scope: file}
				case *ast.ValueSpec:
					if decl.Tok == token.CONST {
						p.addConstants(file, spec)
					}
				}
			}
		}
	}
	return nil
}

// receiver gives the name of a method's type, "" for a function.
func receiver(decl *ast.FuncDecl) string {
	if decl.Recv == nil || len(decl.Recv.List) != 1 {
		return ""
	}
	expr := decl.Recv.List[0].Type
	if star, ok := expr.(*ast.StarExpr); ok {
		expr = star.X
	}
	if ident, ok := expr.(*ast.Ident); ok {
		return ident.Name
	}
	return ""
}

// addConstants keeps the expressions; what they mean is worked out when somebody asks.
func (p *goPackage) addConstants(file *goFile, spec *ast.ValueSpec) {
	for i, name := range spec.Names {
		if i < len(spec.Values) { // others repeat an iota: numbers
			p.Constants[name.Name] = &constantDecl{Type: spec.Type, Value: spec.Values[i], Scope: file}
			p.ConstantOrder = append(p.ConstantOrder, name.Name)
		}
	}
}

// text evaluates an expression of strings: literals, sums, constants here and in other packages, conversions between string types.
// typeName is set where the value has a named type of this file's own package.
func (s *source) text(file *goFile, expr ast.Expr) (text, typeName string, ok bool) {
	switch expr := expr.(type) {
	case *ast.BasicLit:
		if expr.Kind != token.STRING {
			return "", "", false
		}
		text, err := strconv.Unquote(expr.Value)
		return text, "", err == nil
	case *ast.ParenExpr:
		return s.text(file, expr.X)
	case *ast.BinaryExpr:
		left, leftType, okLeft := s.text(file, expr.X)
		right, rightType, okRight := s.text(file, expr.Y)
		if leftType == "" {
			leftType = rightType
		}
		return left + right, leftType, expr.Op == token.ADD && okLeft && okRight
	case *ast.CallExpr:
		if len(expr.Args) != 1 {
			return "", "", false
		}
		text, _, ok := s.text(file, expr.Args[0])
		if ident, isIdent := expr.Fun.(*ast.Ident); isIdent && file.Package.Types[ident.Name] != nil {
			return text, ident.Name, ok
		}
		return text, "", ok
	case *ast.Ident:
		return s.constant(file.Package, expr.Name)
	case *ast.SelectorExpr:
		qualifier, isIdent := expr.X.(*ast.Ident)
		if !isIdent {
			return "", "", false
		}
		other, err := s.load(file.Imports[qualifier.Name])
		if err != nil {
			return "", "", false // a module that is not read
		}
		text, _, ok := s.constant(other, expr.Sel.Name)
		return text, "", ok
	}
	return "", "", false
}

// constant evaluates a package's constant.
func (s *source) constant(p *goPackage, name string) (text, typeName string, ok bool) {
	decl := p.Constants[name]
	if decl == nil {
		return "", "", false
	}
	text, typeName, ok = s.text(decl.Scope, decl.Value)
	if ident, isIdent := decl.Type.(*ast.Ident); isIdent {
		typeName = ident.Name
	}
	return text, typeName, ok
}

// typedConstants lists the exported constants of the package's own string types, in the order of the source.
func (s *source) typedConstants(p *goPackage) ([]stringConstant, error) {
	var found []stringConstant
	for _, name := range p.ConstantOrder {
		if !ast.IsExported(name) {
			continue
		}
		text, typeName, ok := s.constant(p, name)
		decl := p.Types[typeName]
		if decl == nil || !isIdent(decl.Spec.Type, "string") {
			continue
		}
		if !ok {
			return nil, fmt.Errorf("the value of constant %s cannot be read", name)
		}
		found = append(found, stringConstant{Name: name, Type: typeName, Text: text})
	}
	return found, nil
}

// protoPackages finds every package of the release that has a generated.proto with messages, by import path.
func (s *source) protoPackages() (map[string]*protoFile, error) {
	found := map[string]*protoFile{}
	for _, module := range modules {
		root := s.Release.Dirs[module]
		err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
			if err != nil || entry.IsDir() || entry.Name() != "generated.proto" {
				return err
			}
			relative, err := filepath.Rel(root, filepath.Dir(path))
			if err != nil {
				return err
			}
			if strings.Contains(relative, "testapigroup") {
				return nil
			}
			file, err := readProto(path)
			if err != nil {
				return err
			}
			if len(file.Messages) > 0 {
				found[module+"/"+filepath.ToSlash(relative)] = file
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// sortedKeys gives a map's keys in order.
func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}
