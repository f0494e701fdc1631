package main

import (
	"encoding/json"

	"k8s.io/apimachinery/pkg/labels"
)

// selector: {"text": a label selector, "labels": [sets of labels]} → for each set whether the selector
// matches it; the error of labels.Parse where the text is no selector.
func init() {
	ops["selector"] = func(request []byte) (any, error) {
		var r struct {
			Text   string       `json:"text"`
			Labels []labels.Set `json:"labels"`
		}
		if err := json.Unmarshal(request, &r); err != nil {
			return nil, err
		}
		selector, err := labels.Parse(r.Text)
		if err != nil {
			return nil, err
		}
		matches := make([]bool, len(r.Labels))
		for i, set := range r.Labels {
			matches[i] = selector.Matches(set)
		}
		return matches, nil
	}
}
