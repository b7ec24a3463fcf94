CREATE TABLE adjustments (
	adjustment TEXT COLLATE "C" NOT NULL, 
	account TEXT COLLATE "C" NOT NULL, 
	conid BIGINT NOT NULL, 
	symbol TEXT COLLATE "C" NOT NULL, 
	lane TEXT COLLATE "C" NOT NULL, 
	kind TEXT COLLATE "C" NOT NULL, 
	quantity NUMERIC(38, 8) NOT NULL, 
	price NUMERIC(38, 8), 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	actor TEXT COLLATE "C" NOT NULL, 
	reason TEXT COLLATE "C" NOT NULL, 
	cash BOOLEAN NOT NULL, 
	"order" TEXT COLLATE "C", 
	split_new INTEGER NOT NULL, 
	split_old INTEGER NOT NULL, 
	CONSTRAINT pk_adjustments PRIMARY KEY (adjustment)
)
;
CREATE INDEX ix_adjustments_account ON adjustments (account, at)
;
CREATE TRIGGER adjustments_no_delete BEFORE DELETE ON adjustments FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: adjustments is append-only')
;
CREATE TRIGGER adjustments_no_update BEFORE UPDATE ON adjustments FOR EACH ROW EXECUTE FUNCTION glassdesk_refuse('integrity: adjustments is append-only')
;
CREATE TRIGGER adjustments_no_truncate BEFORE TRUNCATE ON adjustments FOR EACH STATEMENT EXECUTE FUNCTION glassdesk_refuse('integrity: adjustments: rows are never deleted')
;
ALTER TABLE breaks ADD COLUMN kind TEXT COLLATE "C" DEFAULT 'unexplained' NOT NULL
;
ALTER TABLE breaks ADD COLUMN split_new INTEGER DEFAULT '1' NOT NULL
;
ALTER TABLE breaks ADD COLUMN split_old INTEGER DEFAULT '1' NOT NULL
;
