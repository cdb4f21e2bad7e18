-- +goose Up
-- Every move asks what offers and nominations an application ever had, and the scan for due drafts whether
-- their owner asked to be let in; the indexes on live ones alone do not answer that.

CREATE INDEX offers_by_application ON offers (application_id);
CREATE INDEX nominations_by_application ON nominations (application_id);
CREATE INDEX sign_ins_by_application ON sign_ins (application_id) WHERE application_id IS NOT NULL;
