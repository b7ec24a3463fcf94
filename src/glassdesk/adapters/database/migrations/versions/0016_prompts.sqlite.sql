CREATE TABLE prompt_versions_old AS SELECT * FROM prompt_versions
;
CREATE TABLE prompt_labels_old AS SELECT * FROM prompt_labels
;
DROP TABLE prompt_labels
;
DROP TABLE prompt_versions
;
CREATE TABLE prompt_versions (
	name TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	language TEXT NOT NULL, 
	system TEXT NOT NULL, 
	body TEXT NOT NULL, 
	sha256 TEXT NOT NULL, 
	message TEXT NOT NULL, 
	author TEXT NOT NULL, 
	created_at TEXT NOT NULL, 
	system_prompt TEXT NOT NULL, 
	translates TEXT NOT NULL, 
	answer_schema TEXT NOT NULL, 
	CONSTRAINT pk_prompt_versions PRIMARY KEY (name, number)
)
;
INSERT INTO prompt_versions (name, number, language, system, body, sha256, message, author, created_at, system_prompt, translates, answer_schema) SELECT name, number, language, system, body, sha256, message, author, created_at, '', '', '' FROM prompt_versions_old
;
CREATE TABLE prompts (
	name TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	tags TEXT NOT NULL, 
	notes TEXT NOT NULL, 
	translation_of TEXT NOT NULL, 
	archived_at TEXT, 
	edition INTEGER NOT NULL, 
	CONSTRAINT pk_prompts PRIMARY KEY (name)
)
;
INSERT INTO prompts (name, kind, tags, notes, translation_of, edition) SELECT DISTINCT name, 'combined', '[]', '', '', 1 FROM prompt_versions
;
CREATE TABLE prompt_moves (
	name TEXT NOT NULL, 
	label TEXT NOT NULL, 
	scope TEXT NOT NULL, 
	move INTEGER NOT NULL, 
	number INTEGER, 
	"before" INTEGER, 
	undoes BOOLEAN NOT NULL, 
	reason TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	at TEXT NOT NULL, 
	CONSTRAINT pk_prompt_moves PRIMARY KEY (name, label, scope, move), 
	CONSTRAINT fk_prompt_moves_name_number FOREIGN KEY(name, number) REFERENCES prompt_versions (name, number)
)
;
INSERT INTO prompt_moves (name, label, scope, move, number, undoes, reason, actor, at) SELECT l.name, l.label, '', 1, l.number, 0, '', v.author, v.created_at FROM prompt_labels_old l JOIN prompt_versions v ON v.name = l.name AND v.number = l.number
;
DROP TABLE prompt_labels_old
;
DROP TABLE prompt_versions_old
;
CREATE TRIGGER prompt_moves_no_delete BEFORE DELETE ON prompt_moves FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: prompt_moves is append-only'); END
;
CREATE TRIGGER prompt_moves_no_update BEFORE UPDATE ON prompt_moves FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: prompt_moves is append-only'); END
;
CREATE TRIGGER prompt_versions_no_delete BEFORE DELETE ON prompt_versions FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: prompt_versions is append-only'); END
;
CREATE TRIGGER prompt_versions_no_update BEFORE UPDATE ON prompt_versions FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: prompt_versions is append-only'); END
;
