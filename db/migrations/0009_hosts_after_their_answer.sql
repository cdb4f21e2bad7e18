-- +goose Up
-- A host goes on seeing that a nomination was taken back, and when. Whose it was it sees for one more
-- day, so that the act can be shown to who made it.

CREATE POLICY ended_at_its_host ON nominations FOR SELECT TO peregrine_web USING (
  host_institution_id = ANY ((SELECT actor_hosts())::uuid[]) AND status = 'cancelled');

DROP POLICY with_its_nomination ON nomination_contents;
CREATE POLICY with_its_application_or_just_ended ON nomination_contents FOR SELECT TO peregrine_web USING (
  EXISTS (SELECT 1 FROM nominations n JOIN applications a ON a.id = n.application_id WHERE n.id = nomination_id)
  OR EXISTS (SELECT 1 FROM shares s WHERE s.nomination_id = nomination_contents.nomination_id
    AND s.visible_to = ANY ((SELECT actor_hosts())::uuid[]) AND s.until > business_now() - interval '1 day'));
