package letter

// Announcement is what an office writes to everybody on a list. Its subject
// and text are a Source of their own; why each reader gets it stands below,
// whatever the office wrote.
type Announcement struct {
	Frame
	Call string `letter:"optional"` // empty: to people, whether or not they applied
	Link Link   // the reader's application, or the product
	Why  Prose  // "you applied for a place in Espoo."
}

// Kind implements Letter.
func (Announcement) Kind() string { return KindAnnouncement }

// whyTail ends every announcement.
const whyTail = "\n\n{{why}}\n"

// why says why the reader gets an announcement.
func (w words) why() string {
	a, ok := w.about.(Announcement)
	if !ok {
		return ""
	}
	return w.T("letter.why", "Why", inline(string(a.Why)))
}

// AnnouncementSource is the source of an announcement from its parts.
func AnnouncementSource(subject, body string) string {
	return subjectMark + inline(subject) + "\n" + body
}
