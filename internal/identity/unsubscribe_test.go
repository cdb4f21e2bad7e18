package identity_test

import (
	"strings"
	"testing"

	"peregrine/internal/identity"
	"peregrine/internal/mobility"
)

func TestUnsubscribing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token, err := w.service.MakeUnsubscribe(t.Context(), w.student, identity.LeaveReminders)
	if err != nil {
		t.Fatal(err)
	}
	again, err := identity.New(identity.Config{Pool: w.db}).MakeUnsubscribe(t.Context(), w.student, identity.LeaveReminders)
	if err != nil || again != token {
		t.Errorf("another process makes %q, %v", again, err)
	}
	person, group, err := w.service.ReadUnsubscribe(t.Context(), token)
	if err != nil || person != w.student || group != identity.LeaveReminders {
		t.Errorf("%v %s, %v", person, group, err)
	}
	if strings.ContainsAny(token, "/+?&= ") || strings.Contains(token, w.student.String()) {
		t.Errorf("token %q", token)
	}
	other, err := w.service.MakeUnsubscribe(t.Context(), w.officer, identity.LeaveReminders)
	if err != nil {
		t.Fatal(err)
	}
	for _, forged := range []string{
		"", ".", "x", "." + identity.LeaveReminders,
		strings.Replace(token, identity.LeaveReminders, identity.LeaveAnnouncements, 1), strings.Replace(token, identity.LeaveReminders, "decisions", 1),
		other[:20] + token[20:], token[:20] + other[20:], token + "x", "A" + token, token[1:], strings.ToUpper(token), token + "\x00",
	} {
		if _, _, err := w.service.ReadUnsubscribe(t.Context(), forged); mobility.CodeOf(err) != "refusal.link_expired" {
			t.Errorf("%q is read: %v", forged, err)
		}
	}
	if _, err := w.service.MakeUnsubscribe(t.Context(), w.student, "decisions"); err == nil {
		t.Error("one can unsubscribe from decisions")
	}
}
