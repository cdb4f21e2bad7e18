// Package mailbox hands over mail from where mail servers leave it: a folder
// of an IMAP account, or a Maildir on this machine. Each mail is marked only
// after it was dealt with, so that one is dealt with twice rather than never:
// whoever takes it must not mind.
package mailbox
