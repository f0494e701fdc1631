package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// A reader of .proto files, as far as upstream's generated.proto and the files of this generator go. The check uses it on both,
// so that it judges what was written and not what the generator had in mind.

type protoField struct {
	Name    string
	Number  int
	Label   string // "", "optional", "repeated", "required"
	Type    string // as written, without a leading dot; of a map its values
	MapKey  string // "" where it is no map
	Options map[string][]string
}

type protoMessage struct {
	Name    string
	Fields  []*protoField
	Options map[string][]string
}

type protoEnumValue struct {
	Name    string
	Number  int
	Options map[string][]string
}

type protoEnum struct {
	Name   string
	Values []*protoEnumValue
}

type protoFile struct {
	Package  string
	Imports  []string
	Messages []*protoMessage
	Enums    []*protoEnum
}

type protoReader struct {
	path   string
	tokens []string
	at     int
}

type protoSyntaxError string

func (r *protoReader) fail(format string, args ...any) {
	panic(protoSyntaxError(fmt.Sprintf("%s: ", r.path) + fmt.Sprintf(format, args...)))
}

// readProto reads one file; any statement that it does not know is an error.
func readProto(path string) (file *protoFile, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	r := &protoReader{path: path}
	defer func() {
		if caught := recover(); caught != nil {
			syntax, ok := caught.(protoSyntaxError)
			if !ok {
				panic(caught)
			}
			err = fmt.Errorf("%s", string(syntax))
		}
	}()
	r.tokenize(string(text))
	return r.file(), nil
}

func (r *protoReader) tokenize(text string) {
	const marks = "{}[]()<>=;,"
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
		case strings.HasPrefix(text[i:], "//"):
			end := strings.IndexByte(text[i:], '\n')
			if end < 0 {
				return
			}
			i += end
		case strings.HasPrefix(text[i:], "/*"):
			end := strings.Index(text[i:], "*/")
			if end < 0 {
				r.fail("comment without end")
			}
			i += end + 2
		case c == '"':
			end := i + 1
			for end < len(text) && text[end] != '"' {
				if text[end] == '\\' {
					end++
				}
				end++
			}
			if end >= len(text) {
				r.fail("string without end")
			}
			r.tokens = append(r.tokens, text[i:end+1])
			i = end + 1
		case strings.IndexByte(marks, c) >= 0:
			r.tokens = append(r.tokens, string(c))
			i++
		default:
			end := i
			for end < len(text) && !strings.ContainsRune(marks+" \t\r\n\"", rune(text[end])) {
				end++
			}
			r.tokens = append(r.tokens, text[i:end])
			i = end
		}
	}
}

func (r *protoReader) peek() string {
	if r.at == len(r.tokens) {
		return ""
	}
	return r.tokens[r.at]
}

func (r *protoReader) next() string {
	token := r.peek()
	if token == "" {
		r.fail("ends too early")
	}
	r.at++
	return token
}

func (r *protoReader) expect(want string) {
	if got := r.next(); got != want {
		r.fail("expected %q, got %q", want, got)
	}
}

func (r *protoReader) number() int {
	token := r.next()
	number, err := strconv.Atoi(token)
	if err != nil {
		r.fail("expected a number, got %q", token)
	}
	return number
}

// value reads an option's value; a string comes without its quotes.
func (r *protoReader) value() string {
	token := r.next()
	if token[0] != '"' {
		return token
	}
	text, err := strconv.Unquote(token)
	if err != nil {
		r.fail("bad string %s", token)
	}
	return text
}

// optionName reads NAME or (FULL.NAME).
func (r *protoReader) optionName() string {
	if r.peek() != "(" {
		return r.next()
	}
	r.next()
	name := r.next()
	r.expect(")")
	return "(" + name + ")"
}

func (r *protoReader) fieldOptions() map[string][]string {
	options := map[string][]string{}
	if r.peek() == "[" {
		for r.next() != "]" {
			name := r.optionName()
			r.expect("=")
			options[name] = append(options[name], r.value())
			if r.peek() != "]" && r.peek() != "," {
				r.fail("expected , or ], got %q", r.peek())
			}
		}
	}
	return options
}

func (r *protoReader) file() *protoFile {
	file := &protoFile{}
	for r.peek() != "" {
		switch keyword := r.next(); keyword {
		case "syntax":
			r.expect("=")
			r.value()
			r.expect(";")
		case "package":
			file.Package = r.next()
			r.expect(";")
		case "import":
			file.Imports = append(file.Imports, r.value())
			r.expect(";")
		case "option":
			r.optionName()
			r.expect("=")
			r.value()
			r.expect(";")
		case "message":
			file.Messages = append(file.Messages, r.message())
		case "enum":
			file.Enums = append(file.Enums, r.enum())
		default:
			r.fail("unknown statement %q", keyword)
		}
	}
	return file
}

func (r *protoReader) message() *protoMessage {
	m := &protoMessage{Name: r.next(), Options: map[string][]string{}}
	r.expect("{")
	for r.peek() != "}" {
		if r.peek() == "option" {
			r.next()
			name := r.optionName()
			r.expect("=")
			m.Options[name] = append(m.Options[name], r.value())
			r.expect(";")
			continue
		}
		m.Fields = append(m.Fields, r.field())
	}
	r.expect("}")
	return m
}

func (r *protoReader) field() *protoField {
	f := &protoField{}
	switch r.peek() {
	case "optional", "repeated", "required":
		f.Label = r.next()
	}
	f.Type = strings.TrimPrefix(r.next(), ".")
	if f.Type == "map" && r.peek() == "<" {
		r.next()
		f.MapKey = r.next()
		r.expect(",")
		f.Type = strings.TrimPrefix(r.next(), ".")
		r.expect(">")
	}
	f.Name = r.next()
	r.expect("=")
	f.Number = r.number()
	f.Options = r.fieldOptions()
	r.expect(";")
	return f
}

func (r *protoReader) enum() *protoEnum {
	e := &protoEnum{Name: r.next()}
	r.expect("{")
	for r.peek() != "}" {
		if r.peek() == "option" {
			r.next()
			r.optionName()
			r.expect("=")
			r.value()
			r.expect(";")
			continue
		}
		v := &protoEnumValue{Name: r.next()}
		r.expect("=")
		v.Number = r.number()
		v.Options = r.fieldOptions()
		r.expect(";")
		e.Values = append(e.Values, v)
	}
	r.expect("}")
	return e
}

// scalarKinds are the type names of .proto that name no message.
var scalarKinds = map[string]bool{
	kindString: true, kindBytes: true, kindBool: true, kindInt32: true, kindInt64: true, kindUint32: true, kindUint64: true,
	kindFloat: true, kindDouble: true,
}

// typeRef resolves a written type: upstream writes names of the same package short and others in full.
func (file *protoFile) typeRef(written string) typeRef {
	if scalarKinds[written] {
		return typeRef{Kind: written}
	}
	if !strings.Contains(written, ".") {
		written = file.Package + "." + written
	}
	return typeRef{Kind: kindMessage, Message: written}
}
