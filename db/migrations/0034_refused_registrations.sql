-- +goose Up
-- Whoever asked to be let in to a call and was not is told so, with the reason where the office gives one. They are no
-- person of ours: the letter goes to the address of the registration.
ALTER TABLE registrations ADD COLUMN reason text NOT NULL DEFAULT '' CONSTRAINT only_a_refused_registration_has_a_reason CHECK (reason = '' OR status = 'refused'),
  ADD COLUMN language text NOT NULL DEFAULT ''; -- of the page it was asked on
ALTER TABLE letters DROP CONSTRAINT letter_recipient_is_known;
ALTER TABLE letters ADD CONSTRAINT letter_recipient_is_known CHECK (recipient IN ('applicant', 'person', 'office', 'host', 'old_address', 'registrant'));

-- The letters of an event, for whoever checks that each has its own.
CREATE INDEX letters_by_event ON letters (event_id) WHERE event_id IS NOT NULL;
