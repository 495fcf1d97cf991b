-- The tables of a store as version 0.1.0 made them, and one of its cases; {serial} is the database's own counter.

CREATE TABLE cases (seq {serial}, id VARCHAR(16) NOT NULL UNIQUE, version INTEGER NOT NULL, place BIGINT NOT NULL,
  label TEXT NOT NULL, operator TEXT NOT NULL, status VARCHAR(8) NOT NULL, created_at VARCHAR(24) NOT NULL,
  updated_at VARCHAR(24) NOT NULL, outcome VARCHAR(24) NOT NULL, first_cause VARCHAR(48) NOT NULL,
  first_status VARCHAR(16) NOT NULL, proven VARCHAR(48), closed_at VARCHAR(24), answered INTEGER NOT NULL,
  seconds INTEGER NOT NULL, lang VARCHAR(4) NOT NULL, knowledge TEXT NOT NULL, consent_at VARCHAR(24),
  changed_by TEXT NOT NULL, writer VARCHAR(24) NOT NULL, observations TEXT NOT NULL);
CREATE UNIQUE INDEX cases_place ON cases (place);
CREATE INDEX cases_status ON cases (status, place);
CREATE INDEX cases_operator ON cases (operator, place);
CREATE INDEX cases_updated ON cases (updated_at);
CREATE TABLE notes (seq {serial}, id VARCHAR(24) NOT NULL UNIQUE, case_id VARCHAR(16) NOT NULL REFERENCES cases (id)
  ON DELETE CASCADE, at VARCHAR(24) NOT NULL, operator TEXT NOT NULL, text TEXT NOT NULL);
CREATE TABLE tags (seq {serial}, case_id VARCHAR(16) NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
  tag TEXT NOT NULL);
CREATE UNIQUE INDEX tags_case ON tags (case_id, tag);
CREATE TABLE masked (seq {serial}, case_id VARCHAR(16) NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
  kind TEXT NOT NULL, number INTEGER NOT NULL, digest VARCHAR(32) NOT NULL, times INTEGER NOT NULL);
CREATE UNIQUE INDEX masked_case ON masked (case_id, kind, number);
INSERT INTO cases (id, place, label, version, operator, status, created_at, updated_at, outcome, first_cause,
  first_status, answered, seconds, lang, knowledge, changed_by, writer, observations)
  VALUES (:id, :place, :label, 1, '小王', 'open', '2025-06-01T00:00:00Z', '2025-06-01T00:00:00Z', 'cause_found',
  'teen_mode', 'confirmed', 1, 0, 'zh', '', '小王', '', '[]')
