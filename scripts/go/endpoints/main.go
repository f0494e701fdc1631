// Command endpoints answers what the real Kubernetes v1.36.3 does with Endpoints and EndpointSlices: the
// API server's defaults and validation, RepackSubsets, and the two controllers.
//
// It reads one JSON request a line on stdin, {"op": NAME, ...}, and writes one JSON answer a line
// on stdout, in order: {"result": ...} or {"error": TEXT}. Each op stands in the file of its subject
// and adds itself to ops in an init function.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"

	"k8s.io/klog/v2"
)

// op takes a request's whole JSON text.
type op func(request []byte) (any, error)

var ops = map[string]op{}

type answer struct {
	Result any    `json:"result"`
	Error  string `json:"error,omitempty"`
}

func run(line []byte) (out answer) {
	defer func() {
		if r := recover(); r != nil {
			out = answer{Error: fmt.Sprintf("panic: %v", r)}
		}
	}()
	var head struct {
		Op string `json:"op"`
	}
	if err := json.Unmarshal(line, &head); err != nil {
		return answer{Error: "bad request: " + err.Error()}
	}
	f, ok := ops[head.Op]
	if !ok {
		return answer{Error: "no such op: " + head.Op}
	}
	result, err := f(line)
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Result: result}
}

// The controllers log every address that they skip; a million of them would drown the answers.
func quiet() {
	flags := flag.NewFlagSet("klog", flag.ExitOnError)
	klog.InitFlags(flags)
	for name, value := range map[string]string{"logtostderr": "false", "stderrthreshold": "FATAL", "alsologtostderr": "false"} {
		if err := flags.Set(name, value); err != nil {
			panic(err)
		}
	}
	klog.SetOutput(discard{})
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

func main() {
	quiet()
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 0 {
			if err := encoder.Encode(run(line)); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			if in.Buffered() == 0 {
				out.Flush()
			}
		}
		if err != nil {
			out.Flush()
			return
		}
	}
}
