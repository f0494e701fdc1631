package main

// conflict is a known difference between an older release and the newest, with the reason why the newest may win.
type conflict struct {
	conflictKey
	Reason string
}

var conflicts = []conflict{}
