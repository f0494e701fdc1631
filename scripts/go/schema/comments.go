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
	texts   map[string]string
	used    map[string]bool
	partial bool // not every release was read: comments of what is missing are no error
}

// parseComments reads comments.txt: at the line's start `message FULL.NAME…` (several where they share their texts) or `field NAME`,
// the text below it indented by two spaces. Lines starting with # are left out. A message may be taken up again for more fields.
func parseComments(text string) (*comments, error) {
	c := &comments{texts: map[string]string{}, used: map[string]bool{}}
	var messages, keys []string
	var blank bool // an empty line inside a text
	for i, line := range strings.Split(text, "\n") {
		what, rest, _ := strings.Cut(line, " ")
		switch {
		case strings.HasPrefix(line, "#"):
		case strings.TrimSpace(line) == "":
			blank = true
			continue
		case strings.HasPrefix(line, "  "):
			if keys == nil {
				return nil, fmt.Errorf("comments.txt:%d: text of nothing", i+1)
			}
			for _, key := range keys {
				switch {
				case c.texts[key] == "":
				case blank:
					c.texts[key] += "\n\n"
				default:
					c.texts[key] += "\n"
				}
				c.texts[key] += line[2:]
			}
		case what == "message" && rest != "":
			messages = strings.Fields(rest)
			keys = slices.Clone(messages)
		case what == "field" && rest != "" && messages != nil:
			keys = nil
			for _, message := range messages {
				key := message + ":" + rest
				if _, twice := c.texts[key]; twice {
					return nil, fmt.Errorf("comments.txt:%d: %s is there twice", i+1, key)
				}
				c.texts[key] = ""
				keys = append(keys, key)
			}
		default:
			return nil, fmt.Errorf("comments.txt:%d: neither message nor field: %q", i+1, line)
		}
		blank = false
	}
	for _, key := range sortedKeys(c.texts) {
		message, _, _ := strings.Cut(key, ":")
		if c.texts[key] == "" || c.texts[message] == "" {
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
		if !c.used[key] && !c.partial {
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
