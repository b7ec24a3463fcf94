CREATE TABLE bar_beginnings (
	conid BIGINT NOT NULL, 
	size TEXT NOT NULL, 
	start TEXT NOT NULL, 
	CONSTRAINT pk_bar_beginnings PRIMARY KEY (conid, size)
)
;
CREATE TABLE bar_corrections (
	seq INTEGER NOT NULL, 
	conid BIGINT NOT NULL, 
	size TEXT NOT NULL, 
	start TEXT NOT NULL, 
	body TEXT NOT NULL, 
	CONSTRAINT pk_bar_corrections PRIMARY KEY (seq)
)
;
CREATE INDEX ix_bar_corrections_series ON bar_corrections (conid, size, start)
;
CREATE TABLE bars (
	conid BIGINT NOT NULL, 
	size TEXT NOT NULL, 
	start TEXT NOT NULL, 
	session DATE NOT NULL, 
	open TEXT NOT NULL, 
	high TEXT NOT NULL, 
	low TEXT NOT NULL, 
	close TEXT NOT NULL, 
	volume TEXT NOT NULL, 
	CONSTRAINT pk_bars PRIMARY KEY (conid, size, start)
)
;
CREATE TRIGGER bar_corrections_no_delete BEFORE DELETE ON bar_corrections FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: bar_corrections is append-only'); END
;
CREATE TRIGGER bar_corrections_no_update BEFORE UPDATE ON bar_corrections FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'integrity: bar_corrections is append-only'); END
;
