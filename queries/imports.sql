-- What importers compare a file with, and how they write what is new, set by set.

-- name: LockImports :exec
-- One import of a kind at a time; any constant serves.
SELECT pg_advisory_xact_lock(hashtextextended(@kind::text, 1));

-- name: KnownInstitutions :many
SELECT c.code, i.id, i.name, i.city, i.country, i.website, i.pic, i.oid, i.tenant, i.time_zone
FROM erasmus_codes c JOIN institutions i ON i.id = c.institution_id ORDER BY c.code;

-- name: AddInstitutions :exec
INSERT INTO institutions (id, name, city, country, website, time_zone, pic, oid)
SELECT unnest(@ids::uuid[]), unnest(@names::text[]), unnest(@cities::text[]), unnest(@countries::text[]),
  unnest(@websites::text[]), unnest(@zones::text[]), unnest(@pics::text[]), unnest(@oids::text[]);

-- name: AddErasmusCodes :exec
INSERT INTO erasmus_codes (code, institution_id) SELECT unnest(@codes::text[]), unnest(@institution_ids::uuid[]);

-- name: SetInstitutions :exec
UPDATE institutions i SET name = x.name, city = x.city, country = x.country, website = x.website, pic = x.pic, oid = x.oid
FROM (SELECT unnest(@ids::uuid[]) AS id, unnest(@names::text[]) AS name, unnest(@cities::text[]) AS city, unnest(@countries::text[]) AS country,
  unnest(@websites::text[]) AS website, unnest(@pics::text[]) AS pic, unnest(@oids::text[]) AS oid) x
WHERE i.id = x.id;

-- name: MemberByDomain :one
SELECT id FROM institutions WHERE schac_domain = @domain::text;

-- name: AddMember :exec
INSERT INTO institutions (id, name, name_local, country, language, time_zone, schac_domain, tenant)
VALUES (@id, @name, @name_local, @country, @language, @time_zone, @domain::text, true);

-- name: SetMember :execrows
UPDATE institutions SET name = @name, name_local = @name_local, country = @country, language = @language, time_zone = @time_zone,
  schac_domain = @domain::text, tenant = true
WHERE id = @id AND (name, name_local, country, language, time_zone, tenant, coalesce(schac_domain, ''))
  IS DISTINCT FROM (@name, @name_local, @country, @language, @time_zone, true, @domain::text);

-- name: MoveErasmusCodes :execrows
UPDATE erasmus_codes SET institution_id = @institution_id WHERE code = ANY (@codes::text[]) AND institution_id <> @institution_id;

-- name: RemoveInstitutions :exec
-- Those whose last code went to another; refused by the keys of whatever still names them.
DELETE FROM institutions i WHERE i.id = ANY (@ids::uuid[]) AND NOT EXISTS (SELECT 1 FROM erasmus_codes c WHERE c.institution_id = i.id);

-- name: KnownUnits :many
SELECT u.id, u.code, u.name, coalesce(p.code, '') AS parent FROM units u LEFT JOIN units p ON p.id = u.parent_id
WHERE u.institution_id = @institution_id ORDER BY u.code;

-- name: PutUnits :exec
INSERT INTO units (id, institution_id, code, name)
SELECT gen_random_uuid(), @institution_id, x.code, x.name::jsonb
FROM (SELECT unnest(@codes::text[]) AS code, unnest(@names::text[]) AS name) x
ON CONFLICT (institution_id, code) DO UPDATE SET name = excluded.name;

-- name: SetUnitParents :exec
UPDATE units u SET parent_id = p.id
FROM (SELECT unnest(@codes::text[]) AS code, unnest(@parents::text[]) AS parent) x
LEFT JOIN units p ON p.institution_id = @institution_id AND p.code = x.parent
WHERE u.institution_id = @institution_id AND u.code = x.code;

-- name: KnownAgreements :many
SELECT id, unit_id, host_institution_id, isced_f, cycle, places, months, language, cefr, term, academic_year,
  nomination_wall, coalesce(nomination_zone, '') AS nomination_zone, home_agreement_id, host_agreement_id, selected_by
FROM agreements WHERE institution_id = @institution_id ORDER BY id;

-- name: PoolsOfInstitution :many
SELECT id, coalesce(agreement_id, id)::uuid AS agreement_id, academic_year, coalesce(term, '')::text AS term, places, overbooked, held
FROM pools WHERE institution_id = @institution_id AND kind = 'places' ORDER BY id FOR UPDATE;

-- name: PutAgreements :exec
INSERT INTO agreements (id, institution_id, unit_id, host_institution_id, isced_f, cycle, places, months, language, cefr, term, academic_year,
  nomination_wall, nomination_zone, home_agreement_id, host_agreement_id, selected_by)
SELECT x.id, @institution_id, x.unit_id, x.host_id, x.isced_f, nullif(x.cycle, 0)::smallint, x.places, x.months, x.language, x.cefr, x.term, x.academic_year,
  nullif(x.wall, '')::timestamp, x.zone, x.home_agreement_id, x.host_agreement_id, x.selected_by
FROM (SELECT unnest(@ids::uuid[]) AS id, unnest(@unit_ids::uuid[]) AS unit_id, unnest(@host_ids::uuid[]) AS host_id, unnest(@isced_fs::text[]) AS isced_f,
  unnest(@cycles::int[]) AS cycle, unnest(@places::int[]) AS places, unnest(@months::int[]) AS months, unnest(@languages::text[]) AS language,
  unnest(@cefrs::text[]) AS cefr, unnest(@terms::text[]) AS term, unnest(@academic_years::text[]) AS academic_year,
  unnest(@walls::text[]) AS wall, unnest(@zones::text[]) AS zone, unnest(@home_agreement_ids::text[]) AS home_agreement_id,
  unnest(@host_agreement_ids::text[]) AS host_agreement_id, unnest(@selected_bys::text[]) AS selected_by) x
ON CONFLICT (id) DO UPDATE SET places = excluded.places, months = excluded.months, language = excluded.language, cefr = excluded.cefr,
  nomination_wall = excluded.nomination_wall, nomination_zone = excluded.nomination_zone, host_agreement_id = excluded.host_agreement_id, selected_by = excluded.selected_by;

-- name: PutPools :exec
INSERT INTO pools (id, institution_id, agreement_id, academic_year, term, places)
SELECT gen_random_uuid(), @institution_id, x.agreement_id, x.academic_year, x.term, x.places
FROM (SELECT unnest(@agreement_ids::uuid[]) AS agreement_id, unnest(@academic_years::text[]) AS academic_year, unnest(@terms::text[]) AS term, unnest(@places::int[]) AS places) x
ON CONFLICT (agreement_id, academic_year, term) DO UPDATE SET places = excluded.places;

-- name: KnownPersons :many
SELECT id, email, coalesce(esi, '')::text AS esi, language FROM persons
WHERE erased_at IS NULL AND (lower(email) = ANY (@emails::text[]) OR lower(esi) = ANY (@esis::text[])) ORDER BY id FOR UPDATE;

-- name: KnownFacts :many
SELECT person_id, given_names, family_names, coalesce(to_char(birth_date, 'YYYY-MM-DD'), '')::text AS birth_date, nationality, gender
FROM person_facts WHERE institution_id = @institution_id AND person_id = ANY (@person_ids::uuid[]);

-- name: KnownAffiliations :many
SELECT a.person_id, a.unit_id, a.kind, coalesce(a.cycle, 0)::int AS cycle, a.field, coalesce(a.year, 0)::int AS year, a.average, a.credits, a.extra::text AS extra,
  a.imported_at = max(a.imported_at) OVER (PARTITION BY a.person_id) AS newest
FROM affiliations a WHERE a.institution_id = @institution_id AND a.person_id = ANY (@person_ids::uuid[]) ORDER BY a.person_id, a.unit_id;

-- name: KnownElsewhere :many
SELECT DISTINCT person_id FROM person_facts WHERE institution_id <> @institution_id AND person_id = ANY (@person_ids::uuid[]);

-- name: AddPersons :exec
INSERT INTO persons (id, email, esi, language)
SELECT x.id, x.email, nullif(x.esi, ''), x.language
FROM (SELECT unnest(@ids::uuid[]) AS id, unnest(@emails::text[]) AS email, unnest(@esis::text[]) AS esi, unnest(@languages::text[]) AS language) x;

-- name: SetPersonESIs :exec
UPDATE persons p SET esi = x.esi FROM (SELECT unnest(@ids::uuid[]) AS id, unnest(@esis::text[]) AS esi) x WHERE p.id = x.id;

-- name: SetPersonLanguages :exec
UPDATE persons p SET language = x.language FROM (SELECT unnest(@ids::uuid[]) AS id, unnest(@languages::text[]) AS language) x WHERE p.id = x.id;

-- name: PutFacts :exec
INSERT INTO person_facts (institution_id, person_id, given_names, family_names, birth_date, nationality, gender)
SELECT @institution_id, x.person_id, x.given_names, x.family_names, nullif(x.birth_date, '')::date, x.nationality, x.gender::smallint
FROM (SELECT unnest(@person_ids::uuid[]) AS person_id, unnest(@given_names::text[]) AS given_names, unnest(@family_names::text[]) AS family_names,
  unnest(@birth_dates::text[]) AS birth_date, unnest(@nationalities::text[]) AS nationality, unnest(@genders::int[]) AS gender) x
ON CONFLICT (institution_id, person_id) DO UPDATE SET given_names = excluded.given_names, family_names = excluded.family_names,
  birth_date = excluded.birth_date, nationality = excluded.nationality, gender = excluded.gender;

-- name: PutPastMobilities :execrows
-- Rows that are new or say something else than before.
INSERT INTO past_mobilities (id, institution_id, person_id, kind, programme, cycle, began_on, months, imported_at)
SELECT gen_random_uuid(), @institution_id, x.person_id, x.kind, x.programme, nullif(x.cycle, 0)::smallint, x.began, x.months::numeric, @at
FROM (SELECT unnest(@persons::uuid[]) AS person_id, unnest(@kinds::text[]) AS kind, unnest(@programmes::text[]) AS programme, unnest(@cycles::int[]) AS cycle,
  unnest(@began::date[]) AS began, unnest(@months::text[]) AS months) x
ON CONFLICT (institution_id, person_id, kind, programme, began_on) DO UPDATE SET cycle = excluded.cycle, months = excluded.months, imported_at = excluded.imported_at
WHERE (past_mobilities.cycle, past_mobilities.months) IS DISTINCT FROM (excluded.cycle, excluded.months);

-- name: PutAffiliations :exec
INSERT INTO affiliations (id, institution_id, person_id, unit_id, kind, cycle, field, year, average, credits, extra, imported_at)
SELECT gen_random_uuid(), @institution_id, x.person_id, x.unit_id, 'student', nullif(x.cycle, 0)::smallint, x.field, nullif(x.year, 0)::smallint,
  nullif(x.average, '')::numeric, nullif(x.credits, '')::numeric, x.extra::jsonb, @at
FROM (SELECT unnest(@person_ids::uuid[]) AS person_id, unnest(@unit_ids::uuid[]) AS unit_id, unnest(@cycles::int[]) AS cycle, unnest(@fields::text[]) AS field,
  unnest(@years::int[]) AS year, unnest(@averages::text[]) AS average, unnest(@credits::text[]) AS credits, unnest(@extras::text[]) AS extra) x
ON CONFLICT (person_id, unit_id) DO UPDATE SET kind = excluded.kind, cycle = excluded.cycle, field = excluded.field, year = excluded.year,
  average = excluded.average, credits = excluded.credits, extra = excluded.extra, imported_at = excluded.imported_at;

-- name: PutNames :exec
-- Names alone, of people who are no students of the institution.
INSERT INTO person_facts (institution_id, person_id, given_names, family_names)
SELECT unnest(@institution_ids::uuid[]), unnest(@person_ids::uuid[]), unnest(@given_names::text[]), unnest(@family_names::text[])
ON CONFLICT (institution_id, person_id) DO UPDATE SET given_names = excluded.given_names, family_names = excluded.family_names;

-- name: KnownNames :many
SELECT f.institution_id, f.person_id, f.given_names, f.family_names,
  EXISTS (SELECT 1 FROM affiliations a WHERE a.person_id = f.person_id AND a.institution_id = f.institution_id AND a.kind = 'student') AS student
FROM person_facts f WHERE f.person_id = ANY (@person_ids::uuid[]);

-- name: KnownRoles :many
SELECT person_id, institution_id, unit_id, role FROM roles WHERE person_id = ANY (@person_ids::uuid[]) AND call_id IS NULL AND valid_to IS NULL;

-- name: AddRoles :exec
INSERT INTO roles (id, person_id, institution_id, unit_id, role, valid_from)
SELECT gen_random_uuid(), x.person_id, x.institution_id, u.id, x.role, @at
FROM (SELECT unnest(@person_ids::uuid[]) AS person_id, unnest(@institution_ids::uuid[]) AS institution_id, unnest(@units::text[]) AS unit, unnest(@roles::text[]) AS role) x
LEFT JOIN units u ON u.institution_id = x.institution_id AND u.code = x.unit;

-- name: UnitsOfInstitutions :many
SELECT id, institution_id, code FROM units WHERE institution_id = ANY (@institution_ids::uuid[]);

-- name: SetOfficeAddress :execrows
UPDATE institutions SET office_email = @email WHERE id = @id AND office_email <> @email;

-- name: InstitutionExists :one
SELECT id, time_zone FROM institutions WHERE id = @id;
