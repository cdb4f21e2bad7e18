package letter

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

//go:embed layout.html
var layoutSource string

var layout = template.Must(template.New("layout").Parse(layoutSource))

// md is plain CommonMark without raw HTML and without bare addresses made
// links, so that only links of the templates become links.
var md = goldmark.New(goldmark.WithParserOptions(
	parser.WithASTTransformers(util.Prioritized(actions{}, 100)),
))

// render makes the two bodies of one Markdown text.
func render(w words, subject string, source []byte) (Text, error) {
	doc := md.Parser().Parse(text.NewReader(source))
	var body bytes.Buffer
	if err := md.Renderer().Render(&body, source, doc); err != nil {
		return Text{}, fmt.Errorf("letter to HTML: %w", err)
	}
	var page bytes.Buffer
	err := layout.Execute(&page, struct {
		Lang, Subject string
		Body          template.HTML
	}{w.Lang(), subject, template.HTML(body.String())}) //nolint:gosec // goldmark wrote it, from escaped values
	if err != nil {
		return Text{}, fmt.Errorf("letter to HTML: %w", err)
	}
	return Text{Subject: subject, Plain: plainText(doc, source), HTML: page.String()}, nil
}

// actions marks a paragraph that is nothing but one link, which the layout
// shows as a button.
type actions struct{}

// Transform implements parser.ASTTransformer.
func (actions) Transform(doc *ast.Document, _ text.Reader, _ parser.Context) {
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if p, ok := n.(*ast.Paragraph); ok && entering && p.ChildCount() == 1 && p.FirstChild().Kind() == ast.KindLink {
			p.SetAttributeString("class", []byte("act"))
		}
		return ast.WalkContinue, nil
	})
}
