CREATE TABLE prompt_tests (
	name TEXT COLLATE "C" NOT NULL, 
	number INTEGER NOT NULL, 
	test INTEGER NOT NULL, 
	run TEXT COLLATE "C" NOT NULL, 
	engine TEXT COLLATE "C" NOT NULL, 
	model TEXT COLLATE "C" NOT NULL, 
	problem TEXT COLLATE "C" NOT NULL, 
	answer TEXT COLLATE "C" NOT NULL, 
	actor TEXT COLLATE "C" NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_prompt_tests PRIMARY KEY (name, number, test), 
	CONSTRAINT fk_prompt_tests_name_number FOREIGN KEY(name, number) REFERENCES prompt_versions (name, number)
)
;
CREATE TRIGGER prompt_tests_no_delete BEFORE DELETE ON prompt_tests FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: prompt_tests is append-only')
;
CREATE TRIGGER prompt_tests_no_update BEFORE UPDATE ON prompt_tests FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: prompt_tests is append-only')
;
CREATE TRIGGER prompt_tests_no_truncate BEFORE TRUNCATE ON prompt_tests FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: prompt_tests: rows are never deleted')
;
