CREATE TABLE prompt_versions_old AS SELECT * FROM prompt_versions
;
CREATE TABLE prompt_labels_old AS SELECT * FROM prompt_labels
;
DROP TABLE prompt_labels
;
DROP TABLE prompt_versions
;
CREATE TABLE prompt_versions (
	name TEXT COLLATE "C" NOT NULL, 
	number INTEGER NOT NULL, 
	language TEXT COLLATE "C" NOT NULL, 
	system TEXT COLLATE "C" NOT NULL, 
	body TEXT COLLATE "C" NOT NULL, 
	sha256 TEXT COLLATE "C" NOT NULL, 
	message TEXT COLLATE "C" NOT NULL, 
	author TEXT COLLATE "C" NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	system_prompt TEXT COLLATE "C" NOT NULL, 
	translates TEXT COLLATE "C" NOT NULL, 
	answer_schema TEXT COLLATE "C" NOT NULL, 
	CONSTRAINT pk_prompt_versions PRIMARY KEY (name, number)
)
;
INSERT INTO prompt_versions (name, number, language, system, body, sha256, message, author, created_at, system_prompt, translates, answer_schema) SELECT name, number, language, system, body, sha256, message, author, created_at, '', '', '' FROM prompt_versions_old
;
CREATE TABLE prompts (
	name TEXT COLLATE "C" NOT NULL, 
	kind TEXT COLLATE "C" NOT NULL, 
	tags TEXT COLLATE "C" NOT NULL, 
	notes TEXT COLLATE "C" NOT NULL, 
	translation_of TEXT COLLATE "C" NOT NULL, 
	archived_at TIMESTAMP WITH TIME ZONE, 
	edition INTEGER NOT NULL, 
	CONSTRAINT pk_prompts PRIMARY KEY (name)
)
;
INSERT INTO prompts (name, kind, tags, notes, translation_of, edition) SELECT DISTINCT name, 'combined', '[]', '', '', 1 FROM prompt_versions
;
CREATE TABLE prompt_moves (
	name TEXT COLLATE "C" NOT NULL, 
	label TEXT COLLATE "C" NOT NULL, 
	scope TEXT COLLATE "C" NOT NULL, 
	move INTEGER NOT NULL, 
	number INTEGER, 
	before INTEGER, 
	undoes BOOLEAN NOT NULL, 
	reason TEXT COLLATE "C" NOT NULL, 
	actor TEXT COLLATE "C" NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_prompt_moves PRIMARY KEY (name, label, scope, move), 
	CONSTRAINT fk_prompt_moves_name_number FOREIGN KEY(name, number) REFERENCES prompt_versions (name, number)
)
;
INSERT INTO prompt_moves (name, label, scope, move, number, undoes, reason, actor, at) SELECT l.name, l.label, '', 1, l.number, false, '', v.author, v.created_at FROM prompt_labels_old l JOIN prompt_versions v ON v.name = l.name AND v.number = l.number
;
DROP TABLE prompt_labels_old
;
DROP TABLE prompt_versions_old
;
CREATE TRIGGER prompt_moves_no_delete BEFORE DELETE ON prompt_moves FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: prompt_moves is append-only')
;
CREATE TRIGGER prompt_moves_no_update BEFORE UPDATE ON prompt_moves FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: prompt_moves is append-only')
;
CREATE TRIGGER prompt_versions_no_delete BEFORE DELETE ON prompt_versions FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: prompt_versions is append-only')
;
CREATE TRIGGER prompt_versions_no_update BEFORE UPDATE ON prompt_versions FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: prompt_versions is append-only')
;
CREATE TRIGGER prompt_moves_no_truncate BEFORE TRUNCATE ON prompt_moves FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: prompt_moves: rows are never deleted')
;
CREATE TRIGGER prompt_versions_no_truncate BEFORE TRUNCATE ON prompt_versions FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: prompt_versions: rows are never deleted')
;
