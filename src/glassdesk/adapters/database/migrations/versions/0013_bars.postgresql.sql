CREATE TABLE bar_beginnings (
	conid BIGINT NOT NULL, 
	size TEXT COLLATE "C" NOT NULL, 
	start TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_bar_beginnings PRIMARY KEY (conid, size)
)
;
CREATE TABLE bar_corrections (
	seq BIGSERIAL NOT NULL, 
	conid BIGINT NOT NULL, 
	size TEXT COLLATE "C" NOT NULL, 
	start TIMESTAMP WITH TIME ZONE NOT NULL, 
	body TEXT COLLATE "C" NOT NULL, 
	CONSTRAINT pk_bar_corrections PRIMARY KEY (seq)
)
;
CREATE INDEX ix_bar_corrections_series ON bar_corrections (conid, size, start)
;
CREATE TABLE bars (
	conid BIGINT NOT NULL, 
	size TEXT COLLATE "C" NOT NULL, 
	start TIMESTAMP WITH TIME ZONE NOT NULL, 
	session DATE NOT NULL, 
	open TEXT COLLATE "C" NOT NULL, 
	high TEXT COLLATE "C" NOT NULL, 
	low TEXT COLLATE "C" NOT NULL, 
	close TEXT COLLATE "C" NOT NULL, 
	volume TEXT COLLATE "C" NOT NULL, 
	CONSTRAINT pk_bars PRIMARY KEY (conid, size, start)
)
;
CREATE TRIGGER bar_corrections_no_delete BEFORE DELETE ON bar_corrections FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: bar_corrections is append-only')
;
CREATE TRIGGER bar_corrections_no_update BEFORE UPDATE ON bar_corrections FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: bar_corrections is append-only')
;
CREATE TRIGGER bar_corrections_no_truncate BEFORE TRUNCATE ON bar_corrections FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: bar_corrections: rows are never deleted')
;
