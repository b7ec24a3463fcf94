CREATE TABLE prompt_tests (
	name TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	test INTEGER NOT NULL, 
	run TEXT NOT NULL, 
	engine TEXT NOT NULL, 
	model TEXT NOT NULL, 
	problem TEXT NOT NULL, 
	answer TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	at TEXT NOT NULL, 
	CONSTRAINT pk_prompt_tests PRIMARY KEY (name, number, test), 
	CONSTRAINT fk_prompt_tests_name_number FOREIGN KEY(name, number) REFERENCES prompt_versions (name, number)
)
;
CREATE TRIGGER prompt_tests_no_delete BEFORE DELETE ON prompt_tests FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: prompt_tests is append-only'); END
;
CREATE TRIGGER prompt_tests_no_update BEFORE UPDATE ON prompt_tests FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: prompt_tests is append-only'); END
;
