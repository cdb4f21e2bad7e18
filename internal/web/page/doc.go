// Package page holds every page as a typed struct with its template, the
// components they are put together from, and the renderer. A page struct
// embeds Base and is tied to its template once:
//
//	type CallPage struct {
//		Base
//		Turn  WhoseTurn
//		Table Table
//	}
//
//	var _ = define[CallPage]("call")
//
// with template/call.html holding {{define "call"}}{{template "top" .Base}} …
// {{template "turn" .Turn}} … {{template "bottom" .Base}}{{end}}. New checks
// every template against its struct, so a wrong field stops the start of the
// program and the tests. A component is one struct and one template; words
// come by {{t "key"}} and {{n "key" count}} in a template, by Base.Loc in Go.
package page
