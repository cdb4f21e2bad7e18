-- Calls and what belongs to them; addresses, registrations, links, conflicts, erasure.

-- name: AddAct :exec
INSERT INTO acts (id, institution_id, act, subject_kind, subject_id, at, actor_id, data)
VALUES (@id, @institution_id, @act, @subject_kind, @subject_id, @at, sqlc.narg(actor_id), @data);

-- name: AddActText :exec
INSERT INTO act_texts (act_id, person_id, reason) VALUES (@act_id, sqlc.narg(person_id), @reason);

-- name: InstitutionByName :one
-- By Erasmus code or by domain.
SELECT i.id, i.time_zone, i.tenant FROM institutions i
WHERE i.schac_domain = @name OR i.id = (SELECT c.institution_id FROM erasmus_codes c WHERE c.code = @name) LIMIT 1;

-- name: UnitsByCode :many
SELECT id, code FROM units WHERE institution_id = @institution_id AND code = ANY (@codes::text[]);

-- name: InstitutionsByCode :many
SELECT code, institution_id FROM erasmus_codes WHERE code = ANY (@codes::text[]);

-- name: AgreementsFor :many
-- What destinations are made of; empty lists: every unit, every host.
SELECT g.id, g.unit_id, g.host_institution_id, g.isced_f, g.cycle, g.months, g.language, g.cefr, g.term, g.academic_year,
  g.home_agreement_id, g.nomination_wall, g.nomination_zone, g.selected_by, h.time_zone AS host_zone, h.office_email AS host_email
FROM agreements g JOIN institutions h ON h.id = g.host_institution_id
WHERE g.institution_id = @institution_id AND g.academic_year = @academic_year
  AND (cardinality(@unit_ids::uuid[]) = 0 OR g.unit_id = ANY (@unit_ids::uuid[]))
  AND (cardinality(@host_ids::uuid[]) = 0 OR g.host_institution_id = ANY (@host_ids::uuid[]))
ORDER BY g.id;

-- name: NextFormVersion :one
SELECT (coalesce(max(version), 0) + 1)::int AS version FROM forms WHERE institution_id = @institution_id AND name = @name;

-- name: AddForm :exec
INSERT INTO forms (id, institution_id, name, version, questions) VALUES (@id, @institution_id, @name, @version, @questions);

-- name: NextSchemeVersion :one
SELECT (coalesce(max(version), 0) + 1)::int AS version FROM schemes WHERE institution_id = @institution_id AND name = @name;

-- name: AddScheme :exec
INSERT INTO schemes (id, institution_id, name, version, source, marked, most, points_hash)
VALUES (@id, @institution_id, @name, @version, @source, @marked, sqlc.narg(most), @points_hash);

-- name: SchemeByVersion :one
-- Version 0 is the newest.
SELECT id, source, version FROM schemes WHERE institution_id = @institution_id AND name = @name AND (@version::int = 0 OR version = @version::int)
ORDER BY version DESC LIMIT 1;

-- name: AddCallPool :exec
INSERT INTO pools (id, institution_id, call_id, kind, label, grouped, academic_year, places)
VALUES (@id, @institution_id, @call_id, @kind, @label, @grouped, @academic_year, @places);

-- name: AddDestinationPool :exec
INSERT INTO destination_pools (destination_id, pool_id) VALUES (@destination_id, @pool_id);

-- name: AddDestinationQuota :exec
INSERT INTO destination_quotas (destination_id, pool_id) VALUES (@destination_id, @pool_id);

-- name: AddCall :exec
INSERT INTO calls (id, institution_id, programme, academic_year, title, description, requirements, zone, definition_id, form_id, scheme_id,
  max_choices, max_languages, min_ects, min_days, max_days, confirm_days, promotion_days, confirm_hour, confirm_minimum, lead_days,
  selection, facts_at, registration, contact_email, contact_phone, appeal)
VALUES (@id, @institution_id, @programme, @academic_year, @title, @description, @requirements, @zone, @definition_id, @form_id, @scheme_id,
  @max_choices, @max_languages, sqlc.narg(min_ects), sqlc.narg(min_days), sqlc.narg(max_days), @confirm_days, @promotion_days,
  @confirm_hour, make_interval(hours => @confirm_minimum_hours::int), @lead_days, @selection, sqlc.narg(facts_at), @registration, @contact_email, @contact_phone, @appeal);

-- name: AddCallSeed :exec
INSERT INTO call_seeds (call_id, institution_id, seed) VALUES (@call_id, @institution_id, @seed);

-- name: AddCallUnits :exec
INSERT INTO call_units (call_id, unit_id) SELECT @call_id, unnest(@unit_ids::uuid[]);

-- name: AddRound :exec
INSERT INTO rounds (id, institution_id, call_id, number) VALUES (@id, @institution_id, @call_id, @number);

-- name: AddDeadline :exec
INSERT INTO deadlines (id, institution_id, kind, round_id, destination_id, wall, zone, closes_at)
VALUES (@id, @institution_id, @kind, sqlc.narg(round_id), sqlc.narg(destination_id), @wall, @zone, @closes_at);

-- name: AddDestination :exec
INSERT INTO destinations (id, institution_id, call_id, round_id, agreement_id, host_institution_id, unit_id, term, cycle, isced_f, language,
  cefr, months, starts_on, ends_on, selected_by, nomination_limit, host_email)
SELECT @id, g.institution_id, @call_id, @round_id, g.id, g.host_institution_id, g.unit_id, g.term, g.cycle, g.isced_f, g.language,
  g.cefr, g.months, sqlc.narg(starts_on), sqlc.narg(ends_on), g.selected_by, sqlc.narg(nomination_limit), @host_email
FROM agreements g WHERE g.id = @agreement_id;

-- name: AddDestinationPools :execrows
-- A full-year stay draws on both terms.
INSERT INTO destination_pools (destination_id, pool_id)
SELECT d.id, p.id FROM destinations d JOIN agreements g ON g.id = d.agreement_id
JOIN pools p ON p.agreement_id = g.id AND p.academic_year = g.academic_year AND (p.term = d.term OR d.term = 'year')
WHERE d.id = @destination_id;

-- name: VisibleCall :one
-- Asked under the web role: no row means that the actor may not know of the call.
SELECT id, institution_id, programme, title, zone, definition_id, registration, opened_at FROM calls WHERE id = @id;

-- name: OpeningRounds :many
SELECT r.id, r.number, o.closes_at AS opens_at, c.closes_at, b.closes_at AS assess_by
FROM rounds r
LEFT JOIN deadlines o ON o.round_id = r.id AND o.kind = 'opens'
LEFT JOIN deadlines c ON c.round_id = r.id AND c.kind = 'closes'
LEFT JOIN deadlines b ON b.round_id = r.id AND b.kind = 'assess_by'
WHERE r.call_id = @call_id ORDER BY r.number;

-- name: OpeningDestinations :many
SELECT d.id, d.round_id, r.number AS round, i.name AS host, d.host_email, d.starts_on, n.closes_at AS host_closes_at,
  (SELECT count(*) FROM destination_pools dp WHERE dp.destination_id = d.id)::int AS pools,
  coalesce((SELECT min(p.places + p.overbooked - p.held) FROM destination_pools dp JOIN pools p ON p.id = dp.pool_id WHERE dp.destination_id = d.id), 0)::int AS free
FROM destinations d JOIN institutions i ON i.id = d.host_institution_id JOIN rounds r ON r.id = d.round_id
LEFT JOIN deadlines n ON n.destination_id = d.id AND n.kind = 'host_nomination'
WHERE d.call_id = @call_id AND d.dropped_at IS NULL ORDER BY i.name, d.id;

-- name: OpenCall :execrows
UPDATE calls SET opened_at = @opened_at, opened_by = sqlc.narg(opened_by), seed_hash = @seed_hash WHERE id = @id AND opened_at IS NULL;

-- name: VisibleDeadline :one
SELECT id, institution_id, kind, round_id, destination_id, wall, zone, closes_at, version FROM deadlines WHERE id = @id;

-- name: RoundIsPublished :one
SELECT EXISTS (SELECT 1 FROM rankings WHERE round_id = @round_id AND status = 'published');

-- name: AmendDeadline :execrows
UPDATE deadlines SET wall = @wall, closes_at = @closes_at, version = version + 1 WHERE id = @id AND version = @version;

-- name: CallOfDeadline :one
SELECT coalesce((SELECT r.call_id FROM rounds r WHERE r.id = d.round_id), (SELECT x.call_id FROM destinations x WHERE x.id = d.destination_id))::uuid AS call_id
FROM deadlines d WHERE d.id = @id;

-- name: VisiblePool :one
SELECT id, institution_id, places, overbooked, held FROM pools WHERE id = @id;

-- name: AddOverbookingOf :exec
INSERT INTO overbookings (id, institution_id, pool_id, number, rule, why, person_id, at)
VALUES (@id, @institution_id, @pool_id, @number, @rule, @why, sqlc.narg(person_id), @at);

-- name: VisiblePerson :one
-- Asked under the web role, of a person of one institution.
SELECT p.id, p.email, p.erased_at FROM persons p JOIN person_facts f ON f.person_id = p.id
WHERE p.id = @id AND f.institution_id = @institution_id;

-- name: RolesElsewhere :one
-- Whether the person holds a role that somebody of this institution must not get hold of by an address.
SELECT EXISTS (SELECT 1 FROM roles r WHERE r.person_id = @person_id AND r.valid_to IS NULL AND (r.institution_id <> @institution_id OR r.role IN ('administrator', 'operator')));

-- name: LockPerson :one
SELECT id, email, erased_at FROM persons WHERE id = @id FOR UPDATE;

-- name: KeepOldAddress :exec
INSERT INTO person_addresses (id, person_id, email, until) VALUES (@id, @person_id, @email, @until);

-- name: OldAddress :one
-- Where the letter about a changed address goes.
SELECT person_id, email, until FROM person_addresses WHERE id = @id;

-- name: SetAddress :exec
UPDATE persons SET email = @email WHERE id = @id;

-- name: EndSignIns :exec
DELETE FROM sign_ins WHERE person_id = @person_id;

-- name: EndSessions :exec
DELETE FROM sessions WHERE person_id = @person_id;

-- name: RegistrationRound :one
-- Whether any round of the call still takes applications.
SELECT EXISTS (SELECT 1 FROM rounds r JOIN deadlines d ON (d.round_id = r.id OR (d.within_round_id = r.id AND d.unit_id IS NOT NULL)) AND d.kind = 'closes' WHERE r.call_id = @call_id AND d.closes_at > @now) AS open;

-- name: CallTakesUnit :one
SELECT EXISTS (SELECT 1 FROM units u JOIN calls c ON c.id = @call_id AND c.institution_id = u.institution_id
  WHERE u.id = @unit_id AND (NOT EXISTS (SELECT 1 FROM call_units x WHERE x.call_id = c.id) OR EXISTS (SELECT 1 FROM call_units x WHERE x.call_id = c.id AND x.unit_id = u.id))) AS takes;

-- name: AddRegistration :execrows
INSERT INTO registrations (id, institution_id, call_id, unit_id, email, given_names, family_names, language, status, asked_at)
VALUES (@id, @institution_id, @call_id, @unit_id, @email, @given_names, @family_names, @language, 'pending', @asked_at)
ON CONFLICT (call_id, email) DO NOTHING;

-- name: VisibleRegistration :one
SELECT r.id, r.institution_id, r.call_id, r.unit_id, r.email, r.given_names, r.family_names, r.language, r.status, c.registration, c.programme, i.language AS house_language
FROM registrations r JOIN calls c ON c.id = r.call_id JOIN institutions i ON i.id = r.institution_id WHERE r.id = @id;

-- name: RegistrationToTell :one
SELECT email, trim(given_names || ' ' || family_names)::text AS name, reason FROM registrations WHERE id = @id;

-- name: AnswerRegistration :execrows
UPDATE registrations SET status = @status, reason = @reason, answered_at = @at, answered_by = @answered_by WHERE id = @id AND status = 'pending';

-- name: PersonByAddress :one
SELECT id FROM persons WHERE lower(email) = lower(@email) AND erased_at IS NULL;

-- name: AddPerson :exec
INSERT INTO persons (id, email) VALUES (@id, @email);

-- name: AddPersonFacts :exec
INSERT INTO person_facts (institution_id, person_id, given_names, family_names) VALUES (@institution_id, @person_id, @given_names, @family_names)
ON CONFLICT (institution_id, person_id) DO NOTHING;

-- name: AddAffiliation :exec
INSERT INTO affiliations (id, institution_id, person_id, unit_id, kind, imported_at) VALUES (@id, @institution_id, @person_id, @unit_id, @kind, @at)
ON CONFLICT (person_id, unit_id) DO NOTHING;

-- name: VisibleHostLink :one
SELECT id, institution_id, call_id, host_institution_id, revoked_at FROM host_links WHERE id = @id;

-- name: RevokeHostLink :execrows
UPDATE host_links SET revoked_at = @at, revoked_by = sqlc.narg(revoked_by) WHERE id = @id AND revoked_at IS NULL;

-- name: DeclareConflict :execrows
INSERT INTO conflicts (id, institution_id, application_id, person_id, kind, declared_by, at)
VALUES (@id, @institution_id, @application_id, @person_id, 'declared', @declared_by, @at)
ON CONFLICT (application_id, person_id) DO UPDATE SET ended_at = NULL, ended_by = NULL, declared_by = excluded.declared_by, at = excluded.at
WHERE conflicts.ended_at IS NOT NULL;

-- name: StandingConflict :one
SELECT id, kind, declared_by FROM conflicts WHERE application_id = @application_id AND person_id = @person_id AND ended_at IS NULL FOR UPDATE;

-- name: LiftConflict :exec
UPDATE conflicts SET ended_at = @at, ended_by = @by WHERE id = @id;

-- name: HoldsRoleAt :one
SELECT EXISTS (SELECT 1 FROM roles WHERE person_id = @person_id AND institution_id = @institution_id AND valid_to IS NULL) AS holds;

-- name: DetectConflicts :execrows
-- A role holder of the house who is the applicant, or who has or had the applicant's address.
INSERT INTO conflicts (id, institution_id, application_id, person_id, kind, at)
SELECT gen_random_uuid(), x.institution_id, x.id, x.barred, CASE WHEN x.barred = x.person_id THEN 'same_person' ELSE 'same_address' END, @at
FROM (
  SELECT DISTINCT a.id, a.institution_id, a.person_id, r.person_id AS barred
  FROM applications a JOIN roles r ON r.institution_id = a.institution_id AND r.valid_to IS NULL
  WHERE (a.id = ANY (@applications::uuid[]) OR r.person_id = ANY (@persons::uuid[])) AND (r.person_id = a.person_id OR EXISTS (
    SELECT 1 FROM (SELECT lower(p.email) AS email FROM persons p WHERE p.id = a.person_id
        UNION ALL SELECT lower(o.email) FROM person_addresses o WHERE o.person_id = a.person_id) mine
      JOIN (SELECT lower(p.email) AS email FROM persons p WHERE p.id = r.person_id
        UNION ALL SELECT lower(o.email) FROM person_addresses o WHERE o.person_id = r.person_id) theirs ON theirs.email = mine.email))) x
ON CONFLICT (application_id, person_id) DO UPDATE SET kind = excluded.kind, at = excluded.at, declared_by = NULL, ended_at = NULL, ended_by = NULL
WHERE conflicts.ended_at IS NOT NULL;

-- name: PersonInstitutions :many
-- Which institutions gave something about a person, after LockPerson, which imports wait for.
SELECT f.institution_id FROM person_facts f WHERE f.person_id = @person_id
UNION SELECT a.institution_id FROM affiliations a WHERE a.person_id = @person_id;

-- name: UnderWay :one
SELECT count(*)::int AS number FROM applications WHERE person_id = @person_id AND institution_id = ANY (@institutions::uuid[]) AND phase NOT IN ('draft', 'closed');

-- name: ErasedDocuments :many
-- Files are removed from their store by key, which is the document's id.
UPDATE documents d SET file_name = '', removed_at = coalesce(d.removed_at, @at)
WHERE d.person_id = @person_id AND d.institution_id = ANY (@institutions::uuid[]) RETURNING d.id;

-- name: EraseDrafts :exec
DELETE FROM drafts USING applications a WHERE a.id = drafts.application_id AND drafts.person_id = @person_id AND a.institution_id = ANY (@institutions::uuid[]);

-- name: EraseSubmissionContents :exec
DELETE FROM submission_contents USING submissions s WHERE s.id = submission_contents.submission_id AND submission_contents.person_id = @person_id AND s.institution_id = ANY (@institutions::uuid[]);

-- name: EraseEventTexts :exec
DELETE FROM event_texts USING events e WHERE e.id = event_texts.event_id AND event_texts.person_id = @person_id AND e.institution_id = ANY (@institutions::uuid[]);

-- name: EraseEventComments :exec
DELETE FROM event_comments USING events e WHERE e.id = event_comments.event_id AND event_comments.person_id = @person_id AND e.institution_id = ANY (@institutions::uuid[]);

-- name: EraseLetterTexts :exec
-- Also of letters to offices and hosts about the person's file: they name the person.
DELETE FROM letter_texts USING letters l WHERE l.id = letter_texts.letter_id AND l.institution_id = ANY (@institutions::uuid[])
  AND (letter_texts.person_id = @person_id OR l.person_id = @person_id
    OR EXISTS (SELECT 1 FROM applications a WHERE a.id = l.application_id AND a.person_id = @person_id));

-- name: SkipLettersOf :exec
UPDATE letters l SET status = 'skipped', skip_reason = 'erased' WHERE l.status IN ('planned', 'failed') AND l.institution_id = ANY (@institutions::uuid[])
  AND (l.person_id = @person_id OR EXISTS (SELECT 1 FROM applications a WHERE a.id = l.application_id AND a.person_id = @person_id));

-- name: EraseNominationContents :exec
DELETE FROM nomination_contents USING nominations n WHERE n.id = nomination_contents.nomination_id AND nomination_contents.person_id = @person_id AND n.institution_id = ANY (@institutions::uuid[]);

-- name: EraseHeldBack :exec
UPDATE applications SET held_back = 'erased' WHERE person_id = @person_id AND institution_id = ANY (@institutions::uuid[]) AND held_back <> '';

-- name: EraseAffiliations :exec
DELETE FROM affiliations WHERE person_id = @person_id AND institution_id = ANY (@institutions::uuid[]);

-- name: EraseRegistrations :exec
DELETE FROM registrations r USING persons p WHERE p.id = @person_id AND lower(r.email) = lower(p.email) AND r.institution_id = ANY (@institutions::uuid[]);

-- name: EraseActTexts :exec
DELETE FROM act_texts USING acts a WHERE a.id = act_texts.act_id AND act_texts.person_id = @person_id AND a.institution_id = ANY (@institutions::uuid[]);

-- name: ErasePersonFacts :exec
DELETE FROM person_facts WHERE person_id = @person_id AND institution_id = ANY (@institutions::uuid[]);

-- name: EndRoles :exec
UPDATE roles SET valid_to = @at WHERE person_id = @person_id AND valid_to IS NULL AND institution_id = ANY (@institutions::uuid[]);

-- name: EraseAddresses :exec
DELETE FROM person_addresses WHERE person_id = @person_id;

-- name: EraseSignIns :exec
DELETE FROM sign_ins USING persons p WHERE p.id = @person_id AND (sign_ins.person_id = p.id OR lower(sign_ins.email) = lower(p.email));

-- name: Tombstone :exec
UPDATE persons SET email = '', esi = NULL, language = '', time_zone = '', erased_at = @at WHERE id = @id;
