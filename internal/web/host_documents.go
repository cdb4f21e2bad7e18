package web

import (
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// hostDocuments shows the documents, or, to who came by a link on a device
// that never gave a code, how to see them.
func (q *request) hostDocuments(d *desk, said deskSaid, p *page.HostDesk) {
	switch {
	case len(d.nominations) == 0:
		return
	case q.route.Guard == Host && !q.actor.HostDocuments:
		q.hostCode(d, said, p)
		return
	}
	p.DocumentsText = q.loc.T("host.documents_text")
	for _, n := range d.nominations {
		up := page.Upload{Title: q.nominated(n), Closed: true}
		for _, x := range d.documents {
			if x.ApplicationID == n.ApplicationID {
				up.Files = append(up.Files, page.UploadedFile{
					Name: x.FileName, Href: d.path + "/documents/" + x.ID.String(), Size: q.fileSize(x.Size), Note: q.question(d, x.Question),
				})
			}
		}
		if len(up.Files) > 0 {
			p.Documents = append(p.Documents, up)
		}
	}
	if len(p.Documents) == 0 {
		p.DocumentsText = q.loc.T("host.no_documents")
	}
}

// hostCode asks for the code that is sent to the address of record.
func (q *request) hostCode(d *desk, said deskSaid, p *page.HostDesk) {
	address := q.host.Covered()
	p.DocumentsText = q.loc.T("host.code_text", "Address", address)
	p.AskCode = page.Button{Label: q.loc.T("host.code_send"), Action: d.path + "/code", Look: page.Secondary}
	asked := q.r.URL.Query().Get("code") != "" || said.refused != nil
	if !asked {
		p.HaveCode = page.Link{Label: q.loc.T("host.code_have"), Href: d.path + "?code=1#documents"}
		return
	}
	p.AskCode.Label, p.AskCode.Look = q.loc.T("host.code_again"), page.Quiet
	field := page.Field{
		Name: "code", Label: q.loc.T("sign_in.code"), Hint: q.loc.T("sign_in.code_hint"), Value: said.code,
		Required: true, Autocomplete: "one-time-code", Short: true, MaxLength: 40,
	}
	p.Errors = page.Refuse(q.loc, said.refused, &field)
	p.Code = page.CodeForm{Fields: []page.Field{field}, Action: d.path + "/documents", Button: page.Button{Label: q.loc.T("host.code_use")}}
}

// question is what a document answers, in the words of the form.
func (q *request) question(d *desk, key string) string {
	i := slices.IndexFunc(d.call.Questions, func(x mobility.Question) bool { return x.Key == key })
	if i < 0 {
		return ""
	}
	return d.call.Questions[i].Label.In(q.loc.Lang())
}

// fileSize writes a number of bytes as people do.
func (q *request) fileSize(bytes int64) string {
	if bytes < 1<<20 {
		return q.loc.Number(int(max(1, bytes>>10))) + " kB"
	}
	return q.loc.Number(int(bytes>>20)) + " MB"
}

func (s *Server) askHostCode(q *request) error {
	d, err := s.desk(q)
	if err != nil {
		return err
	}
	if err := s.Identity.AskHostCode(q.ctx(), q.host.ID); err != nil {
		return err
	}
	return s.done(q, d.path+"?code=1#documents", "notice.host_code_sent", "Address", q.host.Covered())
}

type hostCodeForm struct {
	Code string `form:"code" validate:"required,max=40"`
}

func (s *Server) useHostCode(q *request) error {
	d, err := s.desk(q)
	if err != nil {
		return err
	}
	var f hostCodeForm
	typed, err := form.Decode(q.r, &f)
	if err == nil {
		err = s.Identity.UseHostCode(q.ctx(), q.w, q.host, f.Code)
	}
	if code := mobility.CodeOf(err); code == "refusal.code_wrong" || code == "refusal.code_over" {
		err = mobility.InvalidError(mobility.FieldProblem{Field: "code", Code: code})
	}
	if problems, invalid := problemsOf(err); invalid {
		return s.deskPage(q, &d, deskSaid{status: http.StatusUnprocessableEntity, code: typed.First("code"), refused: problems})
	}
	if err != nil {
		return err
	}
	return s.done(q, d.path+"#documents", "notice.host_device_known")
}

// sendHostDocument hands out one document that the actor sees.
func (s *Server) sendHostDocument(q *request) error {
	id, err := q.id("document")
	if err != nil {
		return err
	}
	d, err := s.desk(q)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(d.documents, func(x store.HostDocumentsRow) bool { return x.ID == id })
	if i < 0 {
		return mobility.NotFoundError("document")
	}
	x := d.documents[i]
	content, err := s.Process.OpenDocument(q.ctx(), x.ID)
	if err != nil {
		return fmt.Errorf("open the document: %w", err)
	}
	defer func() { _ = content.Close() }() // only read
	h := q.w.Header()
	h.Set("Content-Type", x.MediaType)
	h.Set("Content-Length", strconv.FormatInt(x.Size, 10))
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": x.FileName}))
	h.Set("Cache-Control", "private, no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	_, err = io.Copy(q.w, content)
	return err
}
