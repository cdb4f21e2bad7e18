-- +goose Up
-- The database's last word: history stays, places are counted, facts agree with the state.

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['events', 'submissions', 'choices', 'submission_documents', 'choice_outcomes', 'ranking_entries', 'returned_questions', 'overbookings', 'acts', 'access_lines'] LOOP
    EXECUTE format('CREATE TRIGGER history_is_never_changed BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_change()', t);
    EXECUTE format('CREATE TRIGGER history_is_never_truncated BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', t);
  END LOOP;
END $$;
-- +goose StatementEnd

-- A ranking is computed once; only publishing touches its row, once.
-- +goose StatementBegin
CREATE FUNCTION keep_ranking() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status = 'published' OR NEW.input <> OLD.input OR NEW.result <> OLD.result OR NEW.input_hash <> OLD.input_hash OR NEW.result_hash <> OLD.result_hash
     OR NEW.engine <> OLD.engine OR NEW.round_id <> OLD.round_id THEN
    RAISE EXCEPTION 'a computed ranking stays as it is' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'history_is_never_changed';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER ranking_stays_as_computed BEFORE UPDATE ON rankings FOR EACH ROW EXECUTE FUNCTION keep_ranking();
CREATE TRIGGER ranking_is_never_deleted BEFORE DELETE OR TRUNCATE ON rankings FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Every hold counts in its pool, whoever writes it; the pool's CHECK refuses one too many.
-- +goose StatementBegin
CREATE FUNCTION count_hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    UPDATE pools p SET held = p.held + n.number
    FROM (SELECT pool_id, count(*)::int AS number FROM new_holds GROUP BY pool_id ORDER BY pool_id) n WHERE p.id = n.pool_id;
  ELSE
    UPDATE pools p SET held = p.held - n.number
    FROM (SELECT pool_id, count(*)::int AS number FROM old_holds GROUP BY pool_id ORDER BY pool_id) n WHERE p.id = n.pool_id;
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER hold_is_counted AFTER INSERT ON place_holds REFERENCING NEW TABLE AS new_holds FOR EACH STATEMENT EXECUTE FUNCTION count_hold();
CREATE TRIGGER freed_hold_is_counted AFTER DELETE ON place_holds REFERENCING OLD TABLE AS old_holds FOR EACH STATEMENT EXECUTE FUNCTION count_hold();
CREATE TRIGGER hold_is_taken_or_freed BEFORE UPDATE ON place_holds FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- +goose StatementBegin
CREATE FUNCTION count_overbooking() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE pools SET overbooked = overbooked + NEW.number WHERE id = NEW.pool_id;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER overbooking_is_counted AFTER INSERT ON overbookings FOR EACH ROW EXECUTE FUNCTION count_overbooking();

-- What a state says about offer, nomination, place and submission must be so at commit, and the
-- state must be where the last event led. Looked at once per changed row, when the transaction ends.
-- +goose StatementBegin
CREATE FUNCTION check_application(application uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  found record;
BEGIN
  SELECT a.state, s.phase, s.holds_place, s.offer, s.nomination,
    (SELECT o.status FROM offers o WHERE o.application_id = a.id AND o.status IN ('open', 'confirmed')) AS live_offer,
    (SELECT CASE WHEN n.status = 'accepted' THEN 'accepted' ELSE 'live' END FROM nominations n
      WHERE n.application_id = a.id AND n.status IN ('draft', 'sent', 'accepted')) AS live_nomination,
    EXISTS (SELECT 1 FROM place_holds h WHERE h.application_id = a.id) AS holding,
    EXISTS (SELECT 1 FROM submissions b WHERE b.application_id = a.id) AS submitted,
    (SELECT e.to_state FROM events e WHERE e.application_id = a.id AND e.revision = a.revision) AS led_to
  INTO found
  FROM applications a JOIN definition_states s ON s.definition_id = a.definition_id AND s.name = a.state
  WHERE a.id = application;
  IF found.state IS NULL THEN RETURN; END IF; -- not FOUND: the record has taken its name
  IF found.offer <> coalesce(found.live_offer, 'none') THEN
    RAISE EXCEPTION 'application % is %: offer should be %, is %', application, found.state, found.offer, coalesce(found.live_offer, 'none')
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'offer_agrees_with_state';
  ELSIF found.nomination <> coalesce(found.live_nomination, 'none') THEN
    RAISE EXCEPTION 'application % is %: nomination should be %, is %', application, found.state, found.nomination, coalesce(found.live_nomination, 'none')
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'nomination_agrees_with_state';
  ELSIF found.holds_place <> found.holding THEN
    RAISE EXCEPTION 'application % is %: holding a place should be %, is %', application, found.state, found.holds_place, found.holding
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'place_agrees_with_state';
  ELSIF found.phase NOT IN ('draft', 'closed') AND NOT found.submitted THEN
    RAISE EXCEPTION 'application % is % without a submission', application, found.state
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'submitted_means_a_submission';
  ELSIF found.led_to IS DISTINCT FROM found.state THEN
    RAISE EXCEPTION 'application % is %, its history says %', application, found.state, found.led_to
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'state_is_where_history_led';
  END IF;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION check_facts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_TABLE_NAME = 'applications' THEN
    PERFORM check_application(NEW.id);
  ELSIF TG_OP = 'DELETE' THEN
    PERFORM check_application(OLD.application_id);
  ELSE
    PERFORM check_application(NEW.application_id);
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE CONSTRAINT TRIGGER facts_agree_with_state AFTER INSERT OR UPDATE ON applications DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_facts();
CREATE CONSTRAINT TRIGGER facts_agree_with_state AFTER INSERT OR UPDATE ON offers DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_facts();
CREATE CONSTRAINT TRIGGER facts_agree_with_state AFTER INSERT OR UPDATE ON nominations DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_facts();
CREATE CONSTRAINT TRIGGER facts_agree_with_state AFTER INSERT OR DELETE ON place_holds DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_facts();
