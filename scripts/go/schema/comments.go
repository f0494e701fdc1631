package main

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
)

// Comments of our own for messages that people read most; they become leading comments in .proto and docstrings of the classes.

//go:embed comments.txt
var commentsText string

// comments are texts by full message name, and by that with ":" and the field name; used ones are ticked off.
type comments struct {
	texts map[string]string
	used  map[string]bool
}

// parseComments reads comments.txt: `message FULL.NAME` or `field NAME` at the line's start, the text below it indented by two
// spaces, lines starting with # left out.
func parseComments(text string) (*comments, error) {
	c := &comments{texts: map[string]string{}, used: map[string]bool{}}
	message, key := "", ""
	for i, line := range strings.Split(text, "\n") {
		switch {
		case strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "":
		case strings.HasPrefix(line, "  "):
			if key == "" {
				return nil, fmt.Errorf("comments.txt:%d: text of nothing", i+1)
			}
			if c.texts[key] != "" {
				c.texts[key] += "\n"
			}
			c.texts[key] += line[2:]
		default:
			what, name, _ := strings.Cut(line, " ")
			switch {
			case what == "message" && name != "":
				message, key = name, name
			case what == "field" && name != "" && message != "":
				key = message + ":" + name
			default:
				return nil, fmt.Errorf("comments.txt:%d: neither message nor field: %q", i+1, line)
			}
			if _, twice := c.texts[key]; twice {
				return nil, fmt.Errorf("comments.txt:%d: %s is there twice", i+1, key)
			}
			c.texts[key] = ""
		}
	}
	for _, key := range sortedKeys(c.texts) {
		if c.texts[key] == "" {
			return nil, fmt.Errorf("comments.txt: %s has no text", key)
		}
	}
	return c, nil
}

func (c *comments) take(key string) string {
	c.used[key] = true
	return c.texts[key]
}

func (c *comments) message(full string) string { return c.take(full) }

func (c *comments) field(full, name string) string { return c.take(full + ":" + name) }

// unused fails for a comment on a message or field that does not exist, and for a commented message with a field left out.
func (c *comments) unused() error {
	var problems []string
	for _, key := range sortedKeys(c.texts) {
		if !c.used[key] {
			problems = append(problems, key+" does not exist")
		}
	}
	for _, key := range sortedKeys(c.used) {
		message, _, isField := strings.Cut(key, ":")
		if isField && c.texts[message] != "" && c.texts[key] == "" {
			problems = append(problems, key+" has no comment")
		}
	}
	if problems == nil {
		return nil
	}
	slices.Sort(problems)
	return fmt.Errorf("comments.txt: %s", strings.Join(problems, "; "))
}
